package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wneessen/go-mail"
)

// listening serves the mailbox's SMTP and gives its address.
func listening(t *testing.T, m *Mailbox) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(listener) }()
	t.Cleanup(func() {
		_ = m.Close()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String()
}

func openMailbox(t *testing.T, folder string) *Mailbox {
	t.Helper()
	m, err := NewMailbox(folder, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const invitation = "From: Locum <hub@locum.example>\r\nTo: Noor Hendriks <noor@noorhendriks.example>\r\nSubject: =?utf-8?q?Uitnodiging_=E2=82=AC?=\r\n" +
	"Message-ID: <1@locum.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n" +
	"--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n" +
	"--inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGa naar http://localhost:8080/offers/1?a=3D1&b=3D2.\r\n" +
	"--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
	"PGh0bWw+PGhlYWQ+PC9oZWFkPjxib2R5PjxhIGhyZWY9Imh0dHA6Ly9sb2NhbGhvc3Q6ODA4MC9vZmZlcnMvMT9hPTEmYW1wO2I9MiI+R2E8\r\nL2E+IDxhIGhyZWY9Im1haWx0bzp4QHkiPm08L2E+PC9ib2R5PjwvaHRtbD4=\r\n" +
	"--inner--\r\n--outer\r\nContent-Type: text/calendar\r\nContent-Disposition: attachment; filename=visit.ics\r\n\r\nBEGIN:VCALENDAR\r\n--outer--\r\n"

func plain(to, id, more string) string {
	return "From: Locum <hub@locum.example>\r\nTo: " + to + "\r\nSubject: Subject " + id + "\r\nMessage-ID: <" + id + "@locum.example>\r\n" + more + "\r\nText " + id + "\r\n"
}

func deliver(t *testing.T, address, to, message string) {
	t.Helper()
	if err := smtp.SendMail(address, nil, "hub@locum.example", []string{to}, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

type received struct {
	ID, From, Subject, Text, HTML string
	To, Links                     []string
	Headers                       textproto.MIMEHeader
	Attachments                   []Attachment
}

func listed(t *testing.T, m *Mailbox, query string) []received {
	t.Helper()
	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/mail.json"+query, nil))
	var list []received
	if err := json.Unmarshal(answer.Body.Bytes(), &list); err != nil {
		t.Fatalf("%d: %v: %s", answer.Code, err, answer.Body)
	}
	return list
}

func TestMailArrivesInAllItsParts(t *testing.T) {
	m := openMailbox(t, "")
	deliver(t, listening(t, m), "noor@noorhendriks.example", invitation)
	list := listed(t, m, "?to=Noor@NoorHendriks.example")
	if len(list) != 1 {
		t.Fatalf("%d messages", len(list))
	}
	got := list[0]
	for name, pair := range map[string][2]string{
		"id":         {got.ID, "1"},
		"from":       {got.From, "hub@locum.example"},
		"to":         {strings.Join(got.To, " "), "noor@noorhendriks.example"},
		"subject":    {got.Subject, "Uitnodiging €"},
		"text":       {strings.TrimSpace(got.Text), "Ga naar http://localhost:8080/offers/1?a=1&b=2."},
		"html":       {got.HTML, `<html><head></head><body><a href="http://localhost:8080/offers/1?a=1&amp;b=2">Ga</a> <a href="mailto:x@y">m</a></body></html>`},
		"links":      {strings.Join(got.Links, " "), "http://localhost:8080/offers/1?a=1&b=2"},
		"message id": {got.Headers.Get("Message-Id"), "<1@locum.example>"},
		"attachment": {got.Attachments[0].Name + " " + string(got.Attachments[0].Content), "visit.ics BEGIN:VCALENDAR"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s = %q, want %q", name, pair[0], pair[1])
		}
	}
}

func TestListNarrowsByRecipientSubjectAndID(t *testing.T) {
	m := openMailbox(t, "")
	address := listening(t, m)
	deliver(t, address, "a@x.example", plain("a@x.example", "1", ""))
	deliver(t, address, "b@x.example", plain("b@x.example", "2", ""))
	deliver(t, address, "a@x.example", plain("a@x.example", "3", ""))
	for query, want := range map[string]string{
		"": "123", "?to=a@x.example": "13", "?after=1": "23", "?to=a@x.example&after=1": "3", "?subject=SUBJECT+2": "2", "?to=c@x.example": "",
	} {
		ids := ""
		for _, message := range listed(t, m, query) {
			ids += message.ID
		}
		if ids != want {
			t.Errorf("%q lists %q, want %q", query, ids, want)
		}
	}
	for _, query := range []string{"?after=x", "?wait=x", "?wait=-1"} {
		answer := httptest.NewRecorder()
		if m.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/mail.json"+query, nil)); answer.Code != http.StatusBadRequest {
			t.Errorf("%s answered %d", query, answer.Code)
		}
	}
}

func TestWaitHoldsTheAnswerUntilSomethingFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := openMailbox(t, "")
		answered := make(chan []received)
		go func() { answered <- listed(t, m, "?to=a@x.example&after=1&wait=5") }()
		for i, to := range []string{"a@x.example", "b@x.example", "a@x.example"} {
			synctest.Wait()
			select {
			case <-answered:
				t.Fatal("answered before anything fits")
			default:
			}
			if err := m.take("hub@locum.example", []string{to}, []byte(plain(to, fmt.Sprint(i+1), ""))); err != nil {
				t.Fatal(err)
			}
		}
		if list := <-answered; len(list) != 1 || list[0].ID != "3" {
			t.Errorf("answered %+v", list)
		}
		began := time.Now()
		if list := listed(t, m, "?to=c@x.example&wait=2.5"); len(list) != 0 || time.Since(began) != 2500*time.Millisecond {
			t.Errorf("waited %v for %+v", time.Since(began), list)
		}
		began = time.Now()
		if listed(t, m, "?to=c@x.example&wait=1e300"); time.Since(began) != longestWait {
			t.Errorf("waited %v, longer than allowed", time.Since(began))
		}
	})
}

func TestDownIsATemporaryFailure(t *testing.T) {
	m := openMailbox(t, "")
	address := listening(t, m)
	page := func(path string) {
		answer := httptest.NewRecorder()
		if m.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, path, nil)); answer.Code != http.StatusSeeOther {
			t.Fatalf("%s answered %d", path, answer.Code)
		}
	}
	page("/mail/down")
	err := smtp.SendMail(address, nil, "hub@locum.example", []string{"a@x.example"}, []byte(plain("a@x.example", "1", "")))
	var refused *textproto.Error
	if !errors.As(err, &refused) || refused.Code != 421 {
		t.Errorf("down: %v", err)
	}
	connection, err := smtp.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	if err := connection.Mail("hub@locum.example"); !errors.As(err, &refused) || refused.Code != 421 {
		t.Errorf("MAIL while down: %v", err)
	}
	_ = connection.Close()
	message := mail.NewMsg()
	_ = message.From("hub@locum.example")
	_ = message.To("a@x.example")
	host, port, _ := net.SplitHostPort(address)
	var number int
	_, _ = fmt.Sscan(port, &number)
	client, err := mail.NewClient(host, mail.WithPort(number), mail.WithTLSPolicy(mail.NoTLS))
	if err != nil {
		t.Fatal(err)
	}
	var failure *mail.SendError
	if err := client.DialAndSend(message); !errors.As(err, &failure) || !failure.IsTemp() {
		t.Errorf("a sender cannot tell that it is temporary: %v", err)
	}
	page("/mail/up")
	deliver(t, address, "a@x.example", plain("a@x.example", "1", ""))
	if got := len(m.Find(Query{})); got != 1 {
		t.Errorf("%d messages", got)
	}
}

func TestPageGroupsConversationsAndMarksRead(t *testing.T) {
	m := openMailbox(t, "")
	address := listening(t, m)
	deliver(t, address, "karin@zonneveld.example", plain("Karin Schouten <karin@zonneveld.example>", "entered", ""))
	deliver(t, address, "karin@zonneveld.example", plain("Karin Schouten <karin@zonneveld.example>", "left", "In-Reply-To: <entered@locum.example>\r\nReferences: <entered@locum.example>\r\n"))
	deliver(t, address, "karin@zonneveld.example", plain("Karin Schouten <karin@zonneveld.example>", "later", "In-Reply-To: <entered@locum.example>\r\n"))
	deliver(t, address, "piet@zonneveld.example", plain("piet@zonneveld.example", "left", "References: <entered@locum.example>\r\n"))
	page := func(path string) string {
		answer := httptest.NewRecorder()
		if m.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil)); answer.Code != http.StatusOK {
			t.Fatalf("%s answered %d", path, answer.Code)
		}
		return answer.Body.String()
	}
	list := page("/mail")
	if got := strings.Count(list, `<li class="unread">`); got != 2 {
		t.Errorf("%d conversations, want one for each recipient", got)
	}
	if !strings.Contains(list, "<title>(4) Mailbox") || !strings.Contains(list, `<noscript><meta http-equiv="refresh"`) {
		t.Error("the page lacks the unread count or its refresh without script")
	}
	if own := page("/mail?to=piet@zonneveld.example"); strings.Count(own, "<time") != 1 || !strings.Contains(own, `aria-current="true">piet@zonneveld.example`) {
		t.Error("the filter does not hold")
	}
	letter := page("/mail/2?to=karin@zonneveld.example")
	for _, want := range []string{"Text left", "In-Reply-To", "&lt;entered@locum.example&gt;", `href="/mail/1?to=karin%40zonneveld.example"`} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %s", want)
		}
	}
	page("/mail/1")
	page("/mail/3")
	if got := strings.Count(page("/mail"), `<li class="unread">`); got != 1 {
		t.Errorf("%d unread conversations after reading one", got)
	}
}

func TestHTMLIsShutInAndOpensNewTabs(t *testing.T) {
	m := openMailbox(t, "")
	if err := m.take("hub@locum.example", []string{"noor@noorhendriks.example"}, []byte(invitation)); err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/mail/1/html", nil))
	policy := answer.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "sandbox allow-same-origin allow-popups", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	if strings.Contains(policy, "allow-scripts") || !strings.Contains(answer.Body.String(), `<head><base target="_blank">`) {
		t.Errorf("policy %s, body %s", policy, answer.Body)
	}
	for path, want := range map[string]string{"/mail/1/raw": "boundary=outer", "/mail/1/attachment/0": "BEGIN:VCALENDAR"} {
		answer := httptest.NewRecorder()
		if m.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil)); !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s lacks %s", path, want)
		}
	}
}

func TestClearAndTheLimit(t *testing.T) {
	folder := t.TempDir()
	m := openMailbox(t, folder)
	for i := range keptMessages + 2 {
		if err := m.take("hub@locum.example", []string{"a@x.example"}, []byte(plain("a@x.example", fmt.Sprint(i+1), ""))); err != nil {
			t.Fatal(err)
		}
	}
	found := m.Find(Query{})
	if len(found) != keptMessages || found[0].Number != 3 {
		t.Errorf("%d messages from %d", len(found), found[0].Number)
	}
	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, httptest.NewRequest(http.MethodDelete, "/mail.json", nil))
	files, err := os.ReadDir(folder)
	if answer.Code != http.StatusNoContent || len(m.Find(Query{})) != 0 || err != nil || len(files) != 0 {
		t.Errorf("cleared: %d, %d files, %v", answer.Code, len(files), err)
	}
	if all, unread := m.count(); all != 0 || unread != 0 {
		t.Errorf("%d messages, %d unread", all, unread)
	}
}

func TestMailSurvivesARestart(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mail")
	first := openMailbox(t, folder)
	if err := first.take("hub@locum.example", []string{"noor@noorhendriks.example", "b@x.example"}, []byte(invitation)); err != nil {
		t.Fatal(err)
	}
	again := openMailbox(t, folder)
	before, after := first.Find(Query{}), again.Find(Query{})
	if len(after) != 1 || !after[0].Received.Equal(noon) {
		t.Fatalf("kept %+v", after)
	}
	after[0].Received = before[0].Received
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("kept %v\nwas %v", after, before)
	}
	if _, unread := again.count(); unread != 0 {
		t.Error("old mail is unread again")
	}
	if err := again.take("hub@locum.example", []string{"a@x.example"}, []byte(plain("a@x.example", "2", ""))); err != nil {
		t.Fatal(err)
	}
	if got := again.Find(Query{After: 1}); len(got) != 1 || got[0].Number != 2 {
		t.Errorf("numbers start over: %+v", got)
	}
}

func TestMailThatIsNotWellFormedIsKept(t *testing.T) {
	for name, raw := range map[string]string{
		"no header":       "just text",
		"broken base64":   "Content-Transfer-Encoding: base64\r\n\r\n!!!!",
		"no boundary":     "Content-Type: multipart/mixed\r\n\r\nx",
		"unclosed":        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx",
		"not UTF-8":       "Subject: x\r\n\r\ncaf\xe9",
		"odd disposition": "Content-Disposition: ;;;\r\n\r\nx",
	} {
		m := openMailbox(t, "")
		if err := m.take("a@x.example", []string{"b@x.example"}, []byte(raw)); err != nil || len(m.Find(Query{})) != 1 {
			t.Errorf("%s is lost: %v", name, err)
		}
	}
	if got := parseMessage([]byte("Subject: x\r\n\r\ncaf\xe9")).Text; got != "café" {
		t.Errorf("text = %q", got)
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add([]byte(invitation))
	f.Add([]byte(plain("a@x.example", "1", "References: <a> <b>\r\n")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := parseMessage(raw)
		m.conversation()
		joined := ""
		for _, one := range linked(m.Text) {
			joined += one.Text
		}
		if joined != m.Text {
			t.Errorf("linking lost text: %q, was %q", joined, m.Text)
		}
	})
}

func TestRunServesBothAndEnds(t *testing.T) {
	strangers, err := NewStrangers(Config{URL: "http://127.0.0.1:8081"})
	if err != nil {
		t.Fatal(err)
	}
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	post, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- strangers.Run(ctx, web, post) }()
	// A stream that stays open must not keep the process from ending.
	stream, err := http.Get("http://" + web.Addr().String() + "/mail/live")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	first := make([]byte, 5)
	if _, err := stream.Body.Read(first); err != nil || string(first) != "data:" {
		t.Errorf("the stream begins with %q: %v", first, err)
	}
	deliver(t, post.Addr().String(), "a@x.example", plain("a@x.example", "1", ""))
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}
