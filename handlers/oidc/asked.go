package oidc

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/client"
	"locum/models/openid"
)

// asked is a request of an application that a person's browser brought (OpenID
// Connect Core 1.0, section 3.1.2.1).
type asked struct {
	openid.Request
	state   string
	prompts []string
	maxAge  time.Duration // negative: none was asked for
	hint    string        // login_hint
}

// refusal is an error that is told to the application (RFC 6749, section 4.1.2.1;
// OpenID Connect Core 1.0, section 3.1.2.6).
type refusal struct{ code, description string }

func (r refusal) Error() string { return r.code + ": " + r.description }

// longest is how long one parameter may be.
const longest = 2000

// read reads a request. Of a fault in who asks and where the answer goes, which is
// a domain error, nobody but the person may learn; every other fault, which is a
// refusal, is the application's.
func (a *area) read(query url.Values, of func(id string) (client.Client, error)) (in asked, err error) {
	in.Client, err = of(query.Get("client_id"))
	if err != nil {
		if models.KindOf(err) == models.NotFound {
			err = models.Fail(models.Invalid, "oidc.wrong.client")
		}
		return in, err
	}
	for _, name := range []string{"client_id", "redirect_uri", "state"} {
		if len(query[name]) > 1 || len(query.Get(name)) > longest {
			return in, models.Fail(models.Invalid, "oidc.wrong.request")
		}
	}
	in.RedirectURI, in.state = query.Get("redirect_uri"), query.Get("state")
	if !slices.Contains(in.Client.Redirects(), in.RedirectURI) {
		return in, models.Fail(models.Invalid, "oidc.wrong.redirect")
	}
	if err := in.fill(query); err != nil {
		return in, err
	}
	return in, nil
}

// fill reads what the application is told of when it is wrong.
func (in *asked) fill(query url.Values) error {
	in.Scopes, in.Nonce, in.Challenge = strings.Fields(query.Get("scope")), query.Get("nonce"), query.Get("code_challenge")
	in.prompts, in.hint, in.maxAge = strings.Fields(query.Get("prompt")), query.Get("login_hint"), -1
	switch {
	case twice(query):
		return refusal{"invalid_request", "a parameter is given twice"}
	case query.Has("request"):
		return refusal{"request_not_supported", ""}
	case query.Has("request_uri"):
		return refusal{"request_uri_not_supported", ""}
	case query.Get("response_type") == "":
		return refusal{"invalid_request", "response_type is missing"}
	case query.Get("response_type") != "code":
		return refusal{"unsupported_response_type", ""}
	case query.Get("response_mode") != "" && query.Get("response_mode") != "query":
		return refusal{"invalid_request", "response_mode must be query"}
	case in.Challenge == "" || query.Get("code_challenge_method") != "S256":
		return refusal{"invalid_request", "PKCE with S256 is required"}
	case slices.Contains(in.prompts, "none") && len(in.prompts) > 1:
		return refusal{"invalid_request", "prompt none stands alone"}
	case slices.ContainsFunc(in.prompts, func(p string) bool {
		return !slices.Contains([]string{"none", "login", "consent", "select_account"}, p)
	}):
		return refusal{"invalid_request", "prompt is not known"}
	}
	if text := query.Get("max_age"); text != "" {
		seconds, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return refusal{"invalid_request", "max_age must be a number of seconds"}
		}
		in.maxAge = time.Duration(seconds) * time.Second
	}
	return nil
}

// silent says that nothing may be shown to the person.
func (in asked) silent() bool { return slices.Contains(in.prompts, "none") }

// fresh says whether somebody who signed in at a moment did so lately enough for a
// request that was made at another.
func (in asked) fresh(signedIn, made, now time.Time) bool {
	if slices.Contains(in.prompts, "login") && signedIn.Before(made) {
		return false
	}
	if in.maxAge < 0 {
		return true
	}
	// Who signed in since the request was made did all that he can.
	return now.Sub(signedIn) <= in.maxAge || !signedIn.Before(made)
}

// wrong is a fault of the domain as the application is told it.
func wrong(fields models.FieldErrors) refusal {
	if _, there := fields["scope"]; there {
		return refusal{"invalid_scope", "openid is missing"}
	}
	if _, there := fields["code_challenge"]; there {
		return refusal{"invalid_request", "code_challenge is none"}
	}
	return refusal{"invalid_request", ""}
}

// answer is the address at which the application gets an answer (RFC 9207: with
// the issuer).
func (a *area) answer(in asked, parameters ...string) string {
	to, err := url.Parse(in.RedirectURI)
	if err != nil { // it is registered, and was checked then
		return in.RedirectURI
	}
	query := to.Query()
	for i := 0; i+1 < len(parameters); i += 2 {
		if parameters[i+1] != "" {
			query.Set(parameters[i], parameters[i+1])
		}
	}
	if in.state != "" {
		query.Set("state", in.state)
	}
	query.Set("iss", a.issuer)
	to.RawQuery = query.Encode()
	return to.String()
}

func (a *area) refusing(in asked, with refusal) string {
	return a.answer(in, "error", with.code, "error_description", with.description)
}
