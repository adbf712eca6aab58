package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"net/textproto"
	"strconv"
	"time"
)

// longestWait bounds how long a request for mail is held.
const longestWait = 30 * time.Second

// messageJSON is a message on the wire.
type messageJSON struct {
	ID          string               `json:"id"`
	From        string               `json:"from"`
	To          []string             `json:"to"`
	Subject     string               `json:"subject"`
	Text        string               `json:"text"`
	HTML        string               `json:"html"`
	Headers     textproto.MIMEHeader `json:"headers"`
	Links       []string             `json:"links"`
	Attachments []Attachment         `json:"attachments"`
	Received    time.Time            `json:"received"`
}

// list answers the messages as a JSON array, oldest first. to, subject (part
// of it) and after (an id) narrow it; wait, in seconds, holds the answer until
// something fits, so that nobody has to sleep and ask again.
func (m *Mailbox) list(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	q := Query{To: asked.Get("to"), Subject: asked.Get("subject")}
	var err error
	if after := asked.Get("after"); after != "" {
		if q.After, err = strconv.ParseUint(after, 10, 64); err != nil {
			http.Error(w, "after is the id of a message", http.StatusBadRequest)
			return
		}
	}
	var wait float64
	if given := asked.Get("wait"); given != "" {
		if wait, err = strconv.ParseFloat(given, 64); err != nil || wait < 0 {
			http.Error(w, "wait is a number of seconds", http.StatusBadRequest)
			return
		}
	}
	found := m.Find(q)
	if len(found) == 0 && wait > 0 {
		patience := longestWait
		if wait < longestWait.Seconds() {
			patience = time.Duration(wait * float64(time.Second))
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		found = m.Wait(ctx, q)
	}
	answer := make([]messageJSON, 0, len(found))
	for _, message := range found {
		answer = append(answer, messageJSON{
			ID: strconv.FormatUint(message.Number, 10), From: message.From, To: message.To, Subject: message.Subject,
			Text: message.Text, HTML: message.HTML, Headers: message.Header, Links: message.Links,
			Attachments: message.Attachments, Received: message.Received.UTC(),
		})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(answer)
}
