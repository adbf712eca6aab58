// Package account holds the pages of the way in and of a person's own account:
// signing in and up, the first set-up, profile and sessions, an invitation to
// become a member, and the page of who has no access. It shows what it is
// given; it decides nothing and loads nothing.
package account

import (
	"net/url"
	"strings"

	"locum/models"
	"locum/models/tenancy"
)

// SignInProps is what the page for signing in shows.
type SignInProps struct {
	Email string // as it was typed
	Next  string // where to go afterwards, or empty
	Wrong models.FieldErrors
}

// SignUpProps is what the page for signing up shows.
type SignUpProps struct {
	Name, Organization, Email string // as they were typed
	Next                      string
	Wrong                     models.FieldErrors
}

// ProviderProps describes an address whose company lets people in through its
// identity provider alone. Start leads there; it is empty while there is none
// that works.
type ProviderProps struct {
	Email, Domain string
	Start, Next   string
}

// CodeProps is what the page for a sign-in code shows. Spent says that no code
// can be given any more.
type CodeProps struct {
	Request string // id
	Email   string
	Next    string
	Code    string // as it was typed
	Spent   bool
	Renews  bool // the sign-in of a session that goes on
	Minutes int  // for which a code works
	Wrong   models.FieldErrors
}

// BreakGlassProps is what the page for a break-glass code shows.
type BreakGlassProps struct {
	CodeProps
	Reason string // as it was typed
}

// reasonAlone says that nothing but the reason is wrong: there the typing goes on.
func (p BreakGlassProps) reasonAlone() bool {
	return p.Wrong["reason"].Key != "" && p.Wrong["code"].Key == ""
}

// WaitingProps is what who waits for a seat is shown.
type WaitingProps struct{ Awaits []tenancy.Awaited }

// people are those whom he can ask, each with his address.
func people(a tenancy.Awaited) (list []string) {
	for _, m := range a.Managers {
		list = append(list, m.Name+" ("+m.Email+")")
	}
	return list
}

// FinishProps is what the page shows that makes an account out of a proven
// mailbox.
type FinishProps struct {
	Request            string // id
	Email              string
	Name, Organization string // as they were typed
	Wrong              models.FieldErrors
}

// SetupProps is what the first page of an empty installation shows.
type SetupProps struct {
	Action                             string // the one-use address itself
	Name, Email, Company, Organization string // as they were typed
	Wrong                              models.FieldErrors
}

// withNext is an address that remembers where to go afterwards.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// invited says that somebody comes for something that waits for him, and that
// he opens with the address it was sent to.
func invited(next string) bool {
	return strings.HasPrefix(next, "/offers/") || strings.HasPrefix(next, "/invitations/")
}

// codeCharacters leaves room for the dash or the spaces people paste with the
// eight characters of a code.
const codeCharacters = 20
