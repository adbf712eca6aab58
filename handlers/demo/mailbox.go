package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// keptMessages is how many mails are kept; the oldest go first.
const keptMessages = 2000

// Mailbox takes all mail that is sent to it, for whomever, and shows it. It
// sends nothing on.
type Mailbox struct {
	now    func() time.Time
	folder string
	server *smtp.Server
	mux    *http.ServeMux

	mu       sync.Mutex
	messages []Message // oldest first
	read     map[uint64]bool
	last     uint64
	down     bool
	changed  chan struct{} // closed and replaced at every change
}

// NewMailbox opens a mailbox and reads back the mails in the folder. Without a
// folder they live in memory only.
func NewMailbox(folder string, now func() time.Time) (*Mailbox, error) {
	m := &Mailbox{now: now, folder: folder, read: map[uint64]bool{}, changed: make(chan struct{})}
	kept, err := readMessages(folder)
	if err != nil {
		return nil, err
	}
	for _, message := range kept {
		m.messages = append(m.messages, message)
		m.last = message.Number
		// Old mail is not news.
		m.read[message.Number] = true
	}
	m.server = newSMTPServer(m)
	m.mux = http.NewServeMux()
	m.mux.HandleFunc("GET /mail", m.page)
	m.mux.HandleFunc("GET /mail/{number}", m.page)
	m.mux.HandleFunc("GET /mail/{number}/html", m.html)
	m.mux.HandleFunc("GET /mail/{number}/raw", m.raw)
	m.mux.HandleFunc("GET /mail/{number}/attachment/{part}", m.attachment)
	m.mux.HandleFunc("GET /mail/live", func(w http.ResponseWriter, r *http.Request) { stream(w, r, m.changes) })
	m.mux.HandleFunc("POST /mail/down", m.turn(true))
	m.mux.HandleFunc("POST /mail/up", m.turn(false))
	m.mux.HandleFunc("POST /mail/clear", func(w http.ResponseWriter, r *http.Request) {
		m.Clear()
		http.Redirect(w, r, "/mail", http.StatusSeeOther)
	})
	m.mux.HandleFunc("GET /mail.json", m.list)
	m.mux.HandleFunc("DELETE /mail.json", func(w http.ResponseWriter, _ *http.Request) {
		m.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	m.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "Nothing here", "The mailbox has no such page.")
	})
	return m, nil
}

// ServeHTTP answers everything under /mail, and /mail.json.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

// SetDown turns the mail server off and on. While it is off every attempt to
// send gets a temporary failure (RFC 5321, 421), so a sender tries again.
func (m *Mailbox) SetDown(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
	m.announce()
}

// Down says whether the mail server is turned off.
func (m *Mailbox) Down() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.down
}

// Clear throws all mail away. Numbers go on where they were.
func (m *Mailbox) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, message := range m.messages {
		m.forget(message)
	}
	m.messages = nil
	m.announce()
}

// forget drops what is kept beside the message itself. The lock is held.
func (m *Mailbox) forget(message Message) {
	delete(m.read, message.Number)
	removeMessage(m.folder, message.Number)
}

// announce wakes whoever waits for a change. The lock is held.
func (m *Mailbox) announce() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// changes is the channel that closes at the next change.
func (m *Mailbox) changes() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// take keeps a message that arrived.
func (m *Mailbox) take(from string, to []string, raw []byte) error {
	message := parseMessage(raw)
	message.From, message.To, message.Received = from, to, m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	message.Number = m.last + 1
	if err := writeMessage(m.folder, message); err != nil {
		return fmt.Errorf("keep a mail: %w", err)
	}
	m.last = message.Number
	m.messages = append(m.messages, message)
	for len(m.messages) > keptMessages {
		m.forget(m.messages[0])
		m.messages = slices.Delete(m.messages, 0, 1)
	}
	m.announce()
	return nil
}

// Query picks messages. Its zero value picks all.
type Query struct {
	// To is a recipient of the envelope, in any case.
	To string
	// Subject is part of the subject, in any case.
	Subject string
	// After leaves out the messages up to and with this number.
	After uint64
}

func (q Query) fits(m Message) bool {
	return m.Number > q.After && m.sentTo(q.To) &&
		strings.Contains(strings.ToLower(m.Subject), strings.ToLower(q.Subject))
}

// Find gives the messages that fit, oldest first.
func (m *Mailbox) Find(q Query) []Message {
	found, _ := m.find(q)
	return found
}

// find is Find, with the channel that closes at the next change.
func (m *Mailbox) find(q Query) ([]Message, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Message
	for _, message := range m.messages {
		if q.fits(message) {
			found = append(found, message)
		}
	}
	return found, m.changed
}

// Wait is Find, but while nothing fits it waits for something that does, or
// for the context to end; then it gives nothing.
func (m *Mailbox) Wait(ctx context.Context, q Query) []Message {
	for {
		found, changed := m.find(q)
		if len(found) > 0 {
			return found
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// count is how many messages there are, and how many are unread.
func (m *Mailbox) count() (all, unread int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.messages), len(m.messages) - len(m.read)
}

// markRead says that somebody looked at a message.
func (m *Mailbox) markRead(number uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.messages, func(one Message) bool { return one.Number == number }) {
		m.read[number] = true
	}
}

// readOnes is a copy of which messages were looked at, for one page.
func (m *Mailbox) readOnes() map[uint64]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := make(map[uint64]bool, len(m.read))
	for number := range m.read {
		seen[number] = true
	}
	return seen
}
