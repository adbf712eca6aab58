package jobs

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	view "locum/views/mail"
)

func sampleLetter() Letter {
	return Letter{ID: "mail_2@mail.locum.invalid", InReplyTo: "vis_1.acc_1@mail.locum.invalid", List: List{"org_1", `Zonneveld "Brood", Bakkerijen é`},
		Date: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), To: "karin@zonneveld.example",
		Message: view.Message{Subject: "Sanne van Kade é heeft Zonneveld betreden", Text: "Hallo é\n", HTML: "<p>Hallo é</p>"}}
}

func TestSMTPHeadersAndParts(t *testing.T) {
	server := newMailServer(t)
	if err := server.sender().Send(t.Context(), sampleLetter()); err != nil {
		t.Fatal(err)
	}
	m := server.next()
	for name, want := range map[string]string{
		"Message-Id": "<mail_2@hub.example>", "In-Reply-To": "<vis_1.acc_1@hub.example>", "References": "<vis_1.acc_1@hub.example>",
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Date": "Tue, 24 Nov 2026 12:00:00 +0000",
		"Subject": "Sanne van Kade é heeft Zonneveld betreden", "From": `"Locum" <access@locum.example>`, "To": "<karin@zonneveld.example>",
		"List-Id": `Zonneveld "Brood", Bakkerijen é <org_1.hub.example>`,
	} {
		got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
		if err != nil || strings.TrimSpace(got) != want {
			t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
		}
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q: %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain", "Hallo é"}, {"text/html", "<p>Hallo é</p>"}} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(part)
		if !strings.HasPrefix(part.Header.Get("Content-Type"), want.kind) || strings.TrimSpace(string(text)) != want.text {
			t.Errorf("part %s: %q", part.Header.Get("Content-Type"), text)
		}
	}
}

func TestSMTPHeadersCannotBeInjected(t *testing.T) {
	server := newMailServer(t)
	letter := sampleLetter()
	letter.Subject = "Hello\r\nBcc: victim@example.com"
	letter.List.Name = "Zonneveld\r\nX-Injected: yes\r\n\r\nbody"
	if err := server.sender().Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	m := server.next()
	for _, name := range []string{"Bcc", "X-Injected"} {
		if got := m.Header.Get(name); got != "" {
			t.Errorf("%s: %q got in", name, got)
		}
	}
	if m.Header.Get("Content-Type") == "" {
		t.Error("the headers ended early")
	}
}

func TestSMTPCodeMailHasNoList(t *testing.T) {
	server := newMailServer(t)
	letter := sampleLetter()
	letter.List, letter.InReplyTo = List{}, ""
	if err := server.sender().Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	m := server.next()
	for _, name := range []string{"List-Id", "In-Reply-To", "References"} {
		if got := m.Header.Get(name); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSMTPTellsRefusalFromTrouble(t *testing.T) {
	server := newMailServer(t)
	sender := server.sender()
	tests := map[string]struct {
		onMail, onRcpt, onData error
		refused                bool
	}{
		"no such mailbox":          {onRcpt: answer(550, smtp.EnhancedCode{5, 1, 1}, "no such mailbox"), refused: true},
		"letter refused":           {onData: answer(554, smtp.EnhancedCode{5, 6, 0}, "no"), refused: true},
		"greylisted":               {onRcpt: answer(450, smtp.EnhancedCode{4, 2, 0}, "later")},
		"full":                     {onData: answer(452, smtp.EnhancedCode{4, 3, 1}, "disk full")},
		"sender not allowed":       {onMail: answer(550, smtp.EnhancedCode{5, 1, 8}, "not you")},
		"has to sign in":           {onRcpt: answer(530, smtp.EnhancedCode{5, 5, 1}, "sign in first")},
		"relaying denied":          {onRcpt: answer(554, smtp.EnhancedCode{5, 7, 1}, "relaying denied")},
		"turned off at the moment": {onMail: answer(421, smtp.EnhancedCode{4, 3, 2}, "turned off")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server.refuse(test.onMail, test.onRcpt, test.onData)
			err := sender.Send(t.Context(), sampleLetter())
			if err == nil {
				t.Fatal("no error")
			}
			refusal := (*Refusal)(nil)
			if errors.As(err, &refusal) != test.refused {
				t.Errorf("refused for good: %v, want %v: %v", !test.refused, test.refused, err)
			}
			if text := brief(err); strings.Contains(text, "karin") || strings.Contains(text, "no such mailbox") {
				t.Errorf("the log would say %q", text)
			}
		})
	}
	letter := sampleLetter()
	letter.To = "nobody at all\r\nRCPT TO:<victim@example.com>"
	refusal := (*Refusal)(nil)
	if err := sender.Send(t.Context(), letter); !errors.As(err, &refusal) {
		t.Errorf("no address: %v", err)
	}
}

func TestSMTPServerDown(t *testing.T) {
	server := newMailServer(t)
	server.stop()
	err := server.sender().Send(context.Background(), sampleLetter())
	refusal := (*Refusal)(nil)
	if err == nil || errors.As(err, &refusal) {
		t.Fatalf("a server that is down answered %v", err)
	}
}

// A mail that was taken is sent, whatever the connection does afterwards.
func TestSMTPHangsUpAfterTaking(t *testing.T) {
	server := newMailServer(t)
	server.hangUp = true
	if err := server.sender().Send(t.Context(), sampleLetter()); err != nil {
		t.Errorf("a mail that was taken gave %v", err)
	}
	server.next()
}

func TestSMTPConfig(t *testing.T) {
	right := SMTPConfig{Host: "mail.example", Port: 587, TLS: StartTLS, From: "access@locum.example", User: "u", Password: "p"}
	sender, err := NewSMTP(right)
	if err != nil {
		t.Fatal(err)
	}
	if sender.host != "locum.example" {
		t.Errorf("without a mail host ids end in %s", sender.host)
	}
	for name, change := range map[string]func(*SMTPConfig){
		"the sender":                func(c *SMTPConfig) { c.From = "nobody" },
		"protect the connection":    func(c *SMTPConfig) { c.TLS = "ssl" },
		"mail.example:70000 cannot": func(c *SMTPConfig) { c.Port = 70000 },
	} {
		wrong := right
		change(&wrong)
		if _, err := NewSMTP(wrong); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// STARTTLS is demanded, not hoped for: a server that does not offer it gets no
// mail.
func TestSMTPDemandsTLS(t *testing.T) {
	server := newMailServer(t)
	config := server.config()
	config.TLS = StartTLS
	sender, err := NewSMTP(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), sampleLetter()); err == nil {
		t.Error("sent in clear")
	}
	server.none()
}
