package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/feed"
)

// acting finds who acts by the token of a request, for something, and counts the call.
func (p *Pages) acting(r *web.Request, need feed.Scope) (models.Actor, error) {
	by, err := p.actor(r, need)
	if err == nil {
		p.feed.Count(by)
	}
	return by, err
}

// actor is acting for what may turn out to be the same call again.
func (p *Pages) actor(r *web.Request, need feed.Scope) (models.Actor, error) {
	if text := token(r); strings.HasPrefix(text, access.AccountTokenText) {
		return p.on.Sessions.ActorOfToken(r.Context(), text, string(need), r.Actor.Address, func(scope string) bool { return feed.Scope(scope).Covers(need) })
	}
	return p.feed.Actor(r.Context(), token(r), need, r.Actor.Address)
}

// change is something that a machine can have changed.
type change struct {
	need    feed.Scope
	records []string // the event of the change is one of these, and about what it changed
	show    func(p *Pages, r *web.Request, by models.Actor, id string) (web.Response, error)
}

// change runs what a machine asks to have changed, once for each key that it
// gives (Idempotency-Key). Asked again, it answers as things are by now. The body
// is read into in; do gives the id of what it changed.
func (p *Pages) change(r *web.Request, what change, in any, do func(by models.Actor) (string, error)) (web.Response, error) {
	by, err := p.actor(r, what.need)
	if err != nil {
		return web.Response{}, err
	}
	replayed := false
	defer func() {
		if !replayed {
			p.feed.Count(by)
		}
	}()
	body, err := bodyOf(r, in)
	if err != nil {
		return web.Response{}, err
	}
	key, err := keyOf(r)
	if err != nil {
		return web.Response{}, err
	}
	digest, err := p.feed.Digest(r.Method, r.URL.Path, string(body))
	if err != nil {
		return web.Response{}, err
	}
	if key != "" {
		if subject, found, err := p.feed.Asked(r.Context(), by, key, digest); err != nil || found {
			replayed = found
			return p.again(r, what, by, subject, err)
		}
		r.Request = r.WithContext(feed.Under(r.Context(), by, key, digest, what.records...))
	}
	subject, err := do(by)
	if err != nil && key != "" { // the same may have been asked at the same time
		if before, found, failed := p.feed.Asked(r.Context(), by, key, digest); failed == nil && found {
			replayed = true
			return p.again(r, what, by, before, nil)
		}
	}
	if err != nil {
		return web.Response{}, err
	}
	return what.show(p, r, by, subject)
}

// again answers what was asked before under its key.
func (p *Pages) again(r *web.Request, what change, by models.Actor, subject string, err error) (web.Response, error) {
	if err != nil {
		return web.Response{}, err
	}
	answer, err := what.show(p, r, by, subject)
	return answer.Header("Idempotency-Replayed", "true"), err
}

// keyOf is the key under which something is asked, or "": a text, in quotes as
// RFC 8941 has it or without.
func keyOf(r *web.Request) (string, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := strings.TrimSpace(values[0])
	if inner, quoted := strings.CutPrefix(key, `"`); quoted {
		key, quoted = strings.CutSuffix(inner, `"`)
		if !quoted {
			key = ""
		}
	}
	readable := !strings.ContainsFunc(key, func(c rune) bool { return c < 0x20 || c > 0x7e || c == '"' })
	if len(values) > 1 || key == "" || len(key) > feed.MaxKey || !readable {
		wrong := models.FieldErrors{}
		wrong.Add("Idempotency-Key", "feed.error.key", "Most", feed.MaxKey)
		return "", wrong.Err()
	}
	return key, nil
}

// bodyOf reads a JSON object. A field that the document does not know is
// refused, like a parameter. An empty body is an object without fields.
func bodyOf(r *web.Request, into any) ([]byte, error) {
	unreadable := models.Fail(models.Invalid, "web.unreadable")
	content, err := io.ReadAll(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, models.Fail(models.TooLarge, "web.too_large").Because(err)
	}
	if err != nil {
		return nil, unreadable.Because(err)
	}
	if len(content) == 0 {
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		wrong := models.FieldErrors{}
		wrong.Add("Content-Type", "feed.error.json")
		return nil, wrong.Err()
	}
	in := json.NewDecoder(strings.NewReader(string(content)))
	in.DisallowUnknownFields()
	if err := in.Decode(into); err != nil {
		return nil, unreadable.Because(err)
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, unreadable
	}
	return content, nil
}

// partOf is which part of a list is asked for.
func partOf(query url.Values) delegation.Part {
	return delegation.Part{After: query.Get("after"), Limit: limit(query)}
}
