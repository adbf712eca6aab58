package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is one request that was made, and its answer.
type exchange struct {
	Method   string    `json:"method"`
	Path     string    `json:"path"`
	Status   int       `json:"status"` // 0 when no answer came
	Request  string    `json:"request,omitempty"`
	Response string    `json:"response,omitempty"`
	Wait     string    `json:"retry_after,omitempty"`
	TookMS   int64     `json:"took_ms"`
	At       time.Time `json:"at"`
}

// Failed says that it did not get what it asked for.
func (e exchange) Failed() bool { return e.Status == 0 || e.Status >= 400 }

// deed is something the administrator did, and what was asked of the hub for it.
type deed struct {
	Number    int        `json:"number"`
	Title     string     `json:"title"`
	Note      string     `json:"note,omitempty"`
	At        time.Time  `json:"at"`
	Exchanges []exchange `json:"exchanges"`
}

// Failed says that some request of it was refused.
func (d deed) Failed() bool {
	for _, e := range d.Exchanges {
		if e.Failed() {
			return true
		}
	}
	return false
}

// keptDeeds is how many the page shows; keptBody is how much of each body.
const (
	keptDeeds = 60
	keptBody  = 16 << 10
)

// Waiting times: when the hub says none, and the longest that is believed.
const (
	usualWait = 30 * time.Second
	mostWait  = time.Hour
)

// errLater says that the hub could not be asked, or asked to be left alone.
var errLater = errors.New("the hub is to be asked later")

// refusal is an answer that says no.
type refusal struct {
	status int
	detail string
}

// Error is what the page says of it.
func (r refusal) Error() string { return strings.TrimSpace(strconv.Itoa(r.status) + " " + r.detail) }

// gone says that the hub does not know what was asked for.
func gone(err error) bool {
	var no refusal
	return errors.As(err, &no) && no.status == http.StatusNotFound
}

// send makes one request and notes it. An answer of 400 and above is a refusal;
// 429, 503 and silence are errLater, and from then on nothing is sent for as
// long as Retry-After says (RFC 9110, section 10.2.3).
func (d *Directory) send(ctx context.Context, c call) (object, error) {
	content := ""
	switch body := c.Body.(type) {
	case nil:
	case string:
		content = body
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = string(encoded)
	}
	asked, err := http.NewRequestWithContext(ctx, c.Method, d.base+c.Path, strings.NewReader(content))
	if err != nil {
		d.note(exchange{Method: c.Method, Path: c.Path, At: d.now(), Response: "This is no address that can be asked."})
		return nil, errLater
	}
	asked.Header.Set("User-Agent", d.client.agent())
	asked.Header.Set("Accept", "application/scim+json, application/json")
	if !c.Nameless {
		asked.Header.Set("Authorization", "Bearer "+d.token)
	}
	if content != "" {
		asked.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	if c.ContentType != "" {
		asked.Header.Set("Content-Type", c.ContentType)
	}
	if c.IfMatch != "" {
		asked.Header.Set("If-Match", c.IfMatch)
	}
	made := exchange{Method: c.Method, Path: c.Path, Request: pretty(content), At: d.now()}
	began := time.Now()
	answer, err := d.http.Do(asked)
	made.TookMS = time.Since(began).Milliseconds()
	if err != nil {
		made.Response = "No answer came from this address."
		d.note(made)
		d.pause(usualWait)
		return nil, errLater
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	made.Status, made.Response, made.Wait = answer.StatusCode, pretty(string(said)), answer.Header.Get("Retry-After")
	d.note(made)
	var body object
	_ = json.Unmarshal(said, &body) // an answer that is no object says nothing
	switch {
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable:
		d.pause(d.wait(made.Wait))
		return nil, errLater
	case answer.StatusCode >= 300:
		detail, _ := body["detail"].(string)
		return nil, refusal{answer.StatusCode, detail}
	}
	return body, nil
}

// agent is the User-Agent of the client.
func (c Client) agent() string {
	if c == ClientOkta {
		return "Okta SCIM Client 1.0.0"
	}
	return "Microsoft-Azure-AD-SCIM/1.0"
}

// wait reads Retry-After: seconds, or a date.
func (d *Directory) wait(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return min(time.Duration(seconds)*time.Second, mostWait)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(d.now())), mostWait)
	}
	return usualWait
}

// pause leaves the hub alone for a while.
func (d *Directory) pause(wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.until = d.now().Add(wait)
	select {
	case d.wake <- struct{}{}:
	default: // it is awake
	}
}

// note keeps an exchange with the deed that is being done.
func (d *Directory) note(e exchange) {
	e.Request, e.Response = cut(e.Request), cut(e.Response)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.deeds) > 0 {
		last := &d.deeds[len(d.deeds)-1]
		last.Exchanges = append(last.Exchanges, e)
	}
	d.announce()
}

func cut(text string) string {
	if len(text) > keptBody {
		return strings.ToValidUTF8(text[:keptBody], "") + fmt.Sprintf("\n… %d more bytes", len(text)-keptBody)
	}
	return text
}

// pretty is JSON for people; what is none stays as it is.
func pretty(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}
