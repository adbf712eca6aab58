package forwardauth

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"locum/models/access"
)

const (
	// letterLife is how long a signed header may be believed.
	letterLife = time.Minute
	// letterUse is how long one is sent again while what it says is still so.
	letterUse = 10 * time.Second
)

// letters are the signed headers that were made just now, so that not each request
// costs a signature.
type letters struct {
	mu   sync.Mutex
	held map[letterFor]letter
}

type letterFor struct{ session, host string }

type letter struct {
	says  string // what it was made from
	text  string
	until time.Time
}

// said is what a letter says: to one host, for a moment.
type said struct {
	access.Claims
	Audience string `json:"aud"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// letter is the JWT of an answer for a host (its audience). One that was made a
// moment ago is given again, while nothing that it says has changed.
func (a *area) letter(ctx context.Context, answer access.Answer, host string) (string, error) {
	var room [512]byte
	key, says, now := letterFor{answer.Actor.Session, host}, fingerprint(room[:0], answer), a.Now()
	a.letters.mu.Lock()
	held := a.letters.held[key]
	a.letters.mu.Unlock()
	if held.says == string(says) && now.Before(held.until) {
		return held.text, nil
	}
	expires, until := now.Add(letterLife), now.Add(letterUse)
	if ends := answer.Actor.Ends; !ends.IsZero() && ends.Before(expires) {
		expires = ends
		if ends.Before(until) {
			until = ends
		}
	}
	text, err := a.Sign(ctx, jose.ES256, "JWT", said{Claims: answer.Claims(strings.TrimSuffix(a.PublicURL.String(), "/")), Audience: host, IssuedAt: now.Unix(), Expires: expires.Unix(),
		Name: answer.Actor.Name, Email: answer.Actor.Email})
	if err != nil {
		return "", err
	}
	a.letters.mu.Lock()
	defer a.letters.mu.Unlock()
	if len(a.letters.held) > 10_000 {
		a.letters.held = map[letterFor]letter{}
	}
	a.letters.held[key] = letter{string(says), text, until}
	return text, nil
}

// fingerprint appends everything that a letter says of somebody, but for its times.
func fingerprint(out []byte, a access.Answer) []byte {
	by := a.Actor
	for _, part := range []string{by.Account, by.Email, by.Name, by.Application, by.Effective.Organization, by.Effective.Name, by.Real.Organization, by.Real.Name,
		by.Delegation, by.Visit, a.Ticket, by.Method, by.SecondFactor} {
		out = append(append(out, part...), 0)
	}
	for _, n := range []int64{by.Epoch, by.AuthTime.Unix(), by.Ends.Unix(), int64(by.Effective.Hue), int64(by.Real.Hue)} {
		out = append(strconv.AppendInt(out, n, 36), 0)
	}
	for _, role := range a.Roles {
		out = append(append(out, role...), 0)
	}
	return out
}
