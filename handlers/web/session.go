package web

import (
	"net/http"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// tokenKey is the one value a session's cookie holds; everything else stands
// in the database, so that a session can be revoked.
const tokenKey = "token"

// sessionStore is gorilla's Store over a cookie that holds nothing but the
// signed token of a session in the database.
type sessionStore struct {
	codecs  []securecookie.Codec
	options sessions.Options
}

// Get is the session of a request, made once per request.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session from its cookie. With a bad cookie it returns the error
// and a new session that can be used.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := s.options
	session.Options, session.IsNew = &options, true
	cookie, err := r.Cookie(name)
	if err != nil {
		return session, nil // no cookie is no error
	}
	var token string
	if err := securecookie.DecodeMulti(name, cookie.Value, &token, s.codecs...); err != nil {
		return session, err
	}
	session.Values[tokenKey], session.IsNew = token, token == ""
	return session, nil
}

// Save writes the cookie, or takes it away when Options.MaxAge is below zero.
func (s *sessionStore) Save(_ *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return nil
	}
	token, _ := session.Values[tokenKey].(string)
	signed, err := securecookie.EncodeMulti(session.Name(), token, s.codecs...)
	if err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), signed, session.Options))
	return nil
}

// token is what the session's cookie holds; bad says that there is one that
// cannot be used.
func (c cookies) token(r *http.Request) (token string, bad bool) {
	session, err := c.store.New(r, c.session)
	token, _ = session.Values[tokenKey].(string)
	return token, err != nil
}

// signIn gives the browser the token of its new session.
func (c cookies) signIn(w http.ResponseWriter, r *http.Request, token string) error {
	session, _ := c.store.New(r, c.session) // an old cookie, good or bad, is replaced
	session.Values[tokenKey] = token
	return session.Save(r, w)
}

// signOut takes the session's cookie away.
func (c cookies) signOut(w http.ResponseWriter, r *http.Request) error {
	session, _ := c.store.New(r, c.session)
	session.Options.MaxAge = -1
	return session.Save(r, w)
}

// CookieFor is the cookie under which a browser carries a session's token, as
// "name=value": for machines that play a person of the demo.
func (a *App) CookieFor(token string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, a.Absolute("/"), nil)
	if err != nil {
		return "", err
	}
	answer := headers{}
	if err := a.cookies.signIn(answer, request, token); err != nil {
		return "", err
	}
	cookie, err := http.ParseSetCookie(http.Header(answer).Get("Set-Cookie"))
	if err != nil {
		return "", err
	}
	return cookie.Name + "=" + cookie.Value, nil
}

// headers is an answer of which only the headers matter.
type headers http.Header

func (h headers) Header() http.Header         { return http.Header(h) }
func (h headers) Write(p []byte) (int, error) { return len(p), nil }
func (h headers) WriteHeader(int)             {}
