package demo

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// entry is one conversation in the list: its newest message, and how many
// there are.
type entry struct {
	Message
	Person, Snippet, When string
	Unread, Current       bool
	Count                 int
	Conversation          string
}

// addressee is one recipient in the filter.
type addressee struct {
	Address, Name string
	Unread        int
	Current       bool
}

// mailView is everything the mailbox page shows.
type mailView struct {
	Entries    []entry
	Addressees []addressee
	To         string // the chosen recipient; empty is everybody
	ToName     string
	Unread     int // over all recipients
	Down       bool
	Open       *openMessage
	Query      string // "?to=…" to carry along, or empty
}

// openMessage is the message being read.
type openMessage struct {
	Message
	Sender, When string
	Recipients   string
	Headers      [][2]string
	Thread       []entry // oldest first; only where there is more than one
}

// view puts together what the page shows.
func (m *Mailbox) view(to string, open *Message) mailView {
	seen, now := m.readOnes(), m.now()
	view := mailView{To: to, Down: m.Down()}
	if to != "" {
		view.Query = "?to=" + url.QueryEscape(to)
	}
	all := m.Find(Query{})
	place := map[string]int{}
	people := map[string]addressee{}
	for _, message := range slices.Backward(all) {
		unread := !seen[message.Number]
		countAddressees(people, message, unread)
		if unread {
			view.Unread++
		}
		if !message.sentTo(to) {
			continue
		}
		key := message.conversation()
		at, known := place[key]
		if !known {
			at = len(view.Entries)
			place[key] = at
			view.Entries = append(view.Entries, newEntry(message, now))
		}
		view.Entries[at].Count++
		view.Entries[at].Unread = view.Entries[at].Unread || unread
		view.Entries[at].Current = view.Entries[at].Current || open != nil && open.Number == message.Number
	}
	for _, one := range people {
		one.Current = strings.EqualFold(one.Address, to)
		if one.Current {
			view.ToName = one.Name
		}
		view.Addressees = append(view.Addressees, one)
	}
	slices.SortFunc(view.Addressees, func(a, b addressee) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Address, b.Address))
	})
	if open != nil {
		view.Open = opened(*open, all, now)
	}
	return view
}

// countAddressees adds one message to the recipients' counts. The newest name
// somebody was written to with is kept; messages come newest first.
func countAddressees(people map[string]addressee, message Message, unread bool) {
	for _, to := range message.To {
		key := strings.ToLower(to)
		one, known := people[key]
		if !known {
			one = addressee{Address: key, Name: to}
			if len(message.To) == 1 {
				one.Name = message.person("To", to)
			}
		}
		if unread {
			one.Unread++
		}
		people[key] = one
	}
}

func newEntry(message Message, now time.Time) entry {
	return entry{
		Message: message, Conversation: message.conversation(), When: ago(message.Received, now),
		Person: message.person("To", strings.Join(message.To, ", ")), Snippet: snippet(message.Text),
	}
}

// opened is a message with its thread and its headers in a fixed order.
func opened(message Message, all []Message, now time.Time) *openMessage {
	shown := &openMessage{
		Message: message, Sender: message.person("From", message.From),
		When: ago(message.Received, now), Recipients: strings.Join(message.To, ", "),
	}
	for _, other := range all {
		if other.conversation() == message.conversation() {
			one := newEntry(other, now)
			one.Current = other.Number == message.Number
			shown.Thread = append(shown.Thread, one)
		}
	}
	if len(shown.Thread) == 1 {
		shown.Thread = nil
	}
	first := []string{"Date", "From", "To", "Subject", "Message-Id", "In-Reply-To", "References"}
	for _, name := range first {
		for _, value := range message.Header[name] {
			shown.Headers = append(shown.Headers, [2]string{name, value})
		}
	}
	var rest [][2]string
	for name, values := range message.Header {
		for _, value := range values {
			if !slices.Contains(first, name) {
				rest = append(rest, [2]string{name, value})
			}
		}
	}
	slices.SortFunc(rest, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	shown.Headers = append(shown.Headers, rest...)
	return shown
}

// snippet is the beginning of the text on one line.
func snippet(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), 140)])
}

// ago is when something was, as short as a list wants it.
func ago(then, now time.Time) string {
	passed := now.Sub(then)
	switch {
	case passed < time.Minute:
		return "just now"
	case passed < time.Hour:
		return fmt.Sprintf("%d min ago", int(passed.Minutes()))
	case passed < 12*time.Hour:
		return then.Local().Format("15:04")
	}
	return then.Local().Format("2 Jan 15:04")
}
