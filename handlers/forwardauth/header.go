package forwardauth

import (
	"net/http"
	"strconv"
	"strings"

	"locum/models/access"
)

// The headers of an answer, as net/http spells them.
const (
	userHeader       = "Remote-User"
	emailHeader      = "Remote-Email"
	nameHeader       = "Remote-Name"
	groupsHeader     = "Remote-Groups"
	orgHeader        = "X-Locum-Org-Id"
	realOrgHeader    = "X-Locum-Real-Org-Id"
	delegationHeader = "X-Locum-Delegation-Id"
	epochHeader      = "X-Locum-Context-Epoch"
	jwtHeader        = "X-Locum-Jwt"

	denyHeader    = "X-Locum-Deny"    // with 403: why
	signInHeader  = "X-Locum-Sign-In" // with 401: where to sign in
	explainHeader = "X-Locum-Explain" // with 403: the page that says what to do
)

// Headers are those about a person that every answer carries, for applications to
// believe. A proxy deletes what a browser sent under these names.
var Headers = []string{userHeader, emailHeader, nameHeader, groupsHeader, orgHeader, realOrgHeader, delegationHeader, epochHeader, jwtHeader}

// clear puts every header into an answer, empty: what does not apply must be sent
// too, or a proxy might pass on what the browser said.
func clear(head http.Header) {
	for _, name := range Headers {
		head[name] = nothing
	}
	head["Cache-Control"] = unkept
}

// What every answer says alike; nobody changes it.
var nothing, unkept = []string{""}, []string{"no-store"}

// tell puts an answer into the headers, every one of them.
func tell(head http.Header, a access.Answer, jwt string) {
	by := a.Actor
	values := []string{escape(by.Account), escape(by.Email), escape(by.Name), escape(strings.Join(a.Roles, ",")), by.Effective.Organization, by.Real.Organization, by.Delegation,
		strconv.FormatInt(by.Epoch, 10), jwt}
	for i, name := range Headers { // in the order of Headers
		head[name] = values[i : i+1 : i+1]
	}
	head["Cache-Control"] = unkept
}

// escape makes a text fit for a header, whatever it holds: everything but visible
// ASCII and inner spaces is percent-encoded as UTF-8 (RFC 3986, section 2.1), and
// so is the percent sign. Applications decode it with what their language has for
// addresses, such as decodeURIComponent.
func escape(text string) string {
	plain := true
	for i := 0; i < len(text) && plain; i++ {
		plain = visible(text[i])
	}
	if plain {
		return text
	}
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if visible(c) || c == ' ' && i > 0 && i < len(text)-1 {
			out.WriteByte(c)
			continue
		}
		out.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return out.String()
}

// visible says that a byte stands for itself in a header.
func visible(c byte) bool { return c > ' ' && c < 0x7f && c != '%' }
