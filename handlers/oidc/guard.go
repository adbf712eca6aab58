package oidc

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
)

// shared lets pages of other sites read the answers of an endpoint: it knows no
// cookie, and tells nothing but what the request itself proves a right to.
func (a *area) shared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(&challenged{ResponseWriter: w, bearer: r.URL.Path == userinfoPath}, r)
	})
}

// preflight answers what a browser asks before a page of another site may send.
func preflight(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// challenged says with each 401 how to come in (RFC 6750, section 3; RFC 6749,
// section 5.2).
type challenged struct {
	http.ResponseWriter
	bearer bool
}

// WriteHeader sends the status, with the challenge where it is one.
func (c *challenged) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		challenge := `Basic realm="locum"`
		if c.bearer {
			challenge = `Bearer realm="locum", error="invalid_token"`
		}
		c.Header().Set("WWW-Authenticate", challenge)
	}
	c.ResponseWriter.WriteHeader(status)
}

// form is the media type of what clients send.
const form = "application/x-www-form-urlencoded"

// strict takes a request of a client as RFC 6749 wants it: a form, nothing in the
// address, no parameter twice, one way of authentication.
func strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if wrong := malformed(r); wrong != "" {
			refuse(w, http.StatusBadRequest, "invalid_request", wrong)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known keeps a request where those who get its context alone find it.
func known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, r)))
	})
}

func malformed(r *http.Request) string {
	kind := r.Header.Get("Content-Type")
	if kind != form {
		kind, _, _ = mime.ParseMediaType(kind)
	}
	switch {
	case kind != form:
		return "the body must be a form"
	case r.URL.RawQuery != "":
		return "parameters belong into the body"
	case r.ParseForm() != nil:
		return "the form cannot be read"
	case len(r.Header.Values("Authorization")) > 1 || twice(r.PostForm):
		return "a parameter is given twice"
	}
	ways := 0
	for _, there := range []bool{r.Header.Get("Authorization") != "", r.PostForm.Has("client_secret"), r.PostForm.Has("client_assertion")} {
		if there {
			ways++
		}
	}
	if ways > 1 {
		return "authenticate in one way"
	}
	return ""
}

func twice(form url.Values) bool {
	for _, values := range form {
		if len(values) > 1 {
			return true
		}
	}
	return false
}

// refuse answers an error as RFC 6749, section 5.2, wants it.
func refuse(w http.ResponseWriter, status int, code, description string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="locum"`)
	}
	w.WriteHeader(status)
	answer := map[string]string{"error": code}
	if description != "" {
		answer["error_description"] = description
	}
	json.NewEncoder(w).Encode(answer)
}
