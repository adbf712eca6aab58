package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"testing"

	"locum/models/modelstest"
)

func TestMain(m *testing.M) {
	defer chrome.stop()
	defer keeping.stop()
	modelstest.Main(m)
}

// running is a demo that is being served, as people meet it.
type running struct {
	Hub              string            `json:"hub"`
	Mailbox          map[string]string `json:"mailbox"`
	IdentityProvider map[string]string `json:"identity_provider"`
	Directory        map[string]string `json:"directory"`
	Receiver         map[string]string `json:"receiver"`
	Bridge           string            `json:"bridge"` // the application that signs in by OpenID Connect
	Board            string            `json:"board"`  // the one behind a proxy
	Accounts         []struct {
		Name, Email, Can string
		SignIn           string `json:"sign_in"`
	} `json:"accounts"`
	Tokens map[string]string `json:"tokens"`

	clock *clock
	stop  func()
}

// serveDemo runs the whole program on free ports, until the test ends.
func serveDemo(t *testing.T, database string) *running {
	t.Helper()
	address := ""
	if database == "postgres" {
		address = modelstest.URL(t, database)
	}
	return serveDemoIn(t, t.TempDir(), address)
}

// serveDemoIn runs it on a folder and a database that may have been used.
func serveDemoIn(t *testing.T, folder, databaseURL string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	r := &running{clock: &clock{}}
	d := &demo{Listen: "localhost:0", JSON: true, Data: folder, DatabaseURL: databaseURL, out: writer, clock: r.clock}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		writer.CloseWithError(fmt.Errorf("the demo ended: %w", d.Run(ctx)))
	}()
	r.stop = sync.OnceFunc(func() { stop(); <-ended })
	t.Cleanup(r.stop)
	if err := json.NewDecoder(reader).Decode(r); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, reader)
	return r
}

// letter is a mail in the demo's mailbox.
type letter struct {
	ID      string              `json:"id"`
	Subject string              `json:"subject"`
	Text    string              `json:"text"`
	HTML    string              `json:"html"`
	Headers map[string][]string `json:"headers"`
	Links   []string            `json:"links"`
}

// header is a header's only value, or nothing.
func (l letter) header(name string) string {
	if values := l.Headers[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// mails asks the mailbox for what fits. With wait it is held until something
// does.
func (r *running) mails(t *testing.T, q url.Values) (list []letter) {
	t.Helper()
	answer, err := http.Get(r.Mailbox["json"] + "?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		t.Fatalf("the mailbox answers no list: %v", err)
	}
	return list
}

// postmark is the newest mail there is: what comes after it is new.
func (r *running) postmark(t *testing.T) string {
	t.Helper()
	list := r.mails(t, nil)
	if len(list) == 0 {
		return "0"
	}
	return list[len(list)-1].ID
}

// mail waits for the first mail to an address, after a postmark, whose subject
// holds a text.
func (r *running) mail(t *testing.T, after, to, subject string) letter {
	t.Helper()
	list := r.mails(t, url.Values{"after": {after}, "to": {to}, "subject": {subject}, "wait": {"25"}})
	if len(list) == 0 {
		var there []string
		for _, m := range r.mails(t, url.Values{"after": {after}}) {
			there = append(there, fmt.Sprint(m.Headers["To"], " ", m.Subject))
		}
		t.Fatalf("no mail %q to %s; but %q", subject, to, there)
	}
	return list[0]
}

var codePattern = regexp.MustCompile(`\b[0-9A-Z]{4}-[0-9A-Z]{4}\b`)

// code is the code in the next mail to an address.
func (r *running) code(t *testing.T, after, to string) string {
	t.Helper()
	m := r.mail(t, after, to, "")
	code := codePattern.FindString(m.Text)
	if code == "" {
		t.Fatalf("no code in %q: %s", m.Subject, m.Text)
	}
	return code
}

// mailServer brings the demo's mail server down, or up again.
func (r *running) mailServer(t *testing.T, how string) {
	t.Helper()
	answer, err := http.Post(r.Mailbox["page"]+"/"+how, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode >= 400 {
		t.Fatalf("the mail server does not go %s: %s", how, answer.Status)
	}
}

// get reads an address outside the browser.
func get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
