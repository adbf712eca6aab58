package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"locum/views/i18n"
)

// The lifetimes of cookies. A session ends by the database's word; its cookie
// only has to last as long as the longest one.
const (
	sessionLifetime    = 7 * 24 * time.Hour
	browserLifetime    = time.Hour
	flashLifetime      = 10 * time.Minute
	preferenceLifetime = 365 * 24 * time.Hour
)

// cookies makes and reads every cookie of Locum: all HttpOnly and Lax, and with
// an https address Secure and bound to the host by the __Host- prefix.
type cookies struct {
	secure                                   bool
	session, browser, flash, language, theme string // names
	store                                    *sessionStore
	browserCodec, flashCodec                 []securecookie.Codec
}

func newCookies(public *url.URL, keys [][]byte) cookies {
	c := cookies{secure: public.Scheme == "https"}
	name := func(of string) string {
		if c.secure {
			return "__Host-locum-" + of
		}
		// Cookies do not know ports, and several of Locum may run on one machine.
		return "locum-" + of + "-" + public.Port()
	}
	c.session, c.browser, c.flash = name("session"), name("browser"), name("flash")
	c.language, c.theme = name("language"), name("theme")
	c.store = &sessionStore{
		codecs:  codecs(keys, sessionLifetime),
		options: sessions.Options{Path: "/", MaxAge: int(sessionLifetime.Seconds()), Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode},
	}
	c.browserCodec, c.flashCodec = codecs(keys, browserLifetime), codecs(keys, flashLifetime)
	return c
}

// codecs sign with the first key and take what any of them signed.
func codecs(keys [][]byte, lifetime time.Duration) []securecookie.Codec {
	var all []securecookie.Codec
	for _, key := range keys {
		all = append(all, securecookie.New(key, nil).MaxAge(int(lifetime.Seconds())).SetSerializer(securecookie.JSONEncoder{}))
	}
	return all
}

func (c cookies) make(name, value string, lifetime time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(lifetime.Seconds()),
		Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

func (c cookies) forget(name string) *http.Cookie {
	cookie := c.make(name, "", 0)
	cookie.MaxAge = -1
	return cookie
}

// browserOf is the value that stands for a browser, and the cookie that keeps
// it for another hour.
func (c cookies) browserOf(r *http.Request) (string, *http.Cookie) {
	var value string
	if kept, err := r.Cookie(c.browser); err == nil {
		if err := securecookie.DecodeMulti(c.browser, kept.Value, &value, c.browserCodec...); err != nil {
			value = ""
		}
	}
	if value == "" {
		value = rand.Text()
	}
	signed, err := securecookie.EncodeMulti(c.browser, value, c.browserCodec...)
	if err != nil { // a short text always fits
		panic(err)
	}
	return value, c.make(c.browser, signed, browserLifetime)
}

// languageOf is the language chosen in this browser, or empty.
func (c cookies) languageOf(r *http.Request) string {
	if chosen, err := r.Cookie(c.language); err == nil && i18n.Known(chosen.Value) {
		return chosen.Value
	}
	return ""
}

// themeOf is the appearance chosen in this browser; empty follows the system.
func (c cookies) themeOf(r *http.Request) string {
	if chosen, err := r.Cookie(c.theme); err == nil && (chosen.Value == "light" || chosen.Value == "dark") {
		return chosen.Value
	}
	return ""
}

func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}
