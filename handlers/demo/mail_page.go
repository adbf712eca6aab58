package demo

import (
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
)

// page shows the list, and beside it the message of the address, if any.
func (m *Mailbox) page(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	var open *Message
	if given := r.PathValue("number"); given != "" {
		found, ok := m.byNumber(given)
		if !ok {
			refuse(w, http.StatusNotFound, "This mail is gone", "It was thrown away, or never was.")
			return
		}
		m.markRead(found.Number)
		open = &found
	}
	render(w, http.StatusOK, "mail", m.view(to, open))
}

func (m *Mailbox) byNumber(given string) (Message, bool) {
	number, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		return Message{}, false
	}
	for _, message := range m.Find(Query{After: number - min(number, 1)}) {
		if message.Number == number {
			return message, true
		}
	}
	return Message{}, false
}

// html answers the HTML body alone, for the frame. It gets a policy of its
// own: it may look as it likes, and can load and run nothing. Links open in a
// new tab, as in a mail program.
func (m *Mailbox) html(w http.ResponseWriter, r *http.Request) {
	message, found := m.byNumber(r.PathValue("number"))
	if !found {
		refuse(w, http.StatusNotFound, "This mail is gone", "It was thrown away, or never was.")
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	// Same-origin without scripts lets our page measure the frame's height; the
	// mail itself can do nothing with it.
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "+
		"frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = fmt.Fprint(w, newTabs(message.HTML))
}

var headTag = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)

// newTabs puts a base target into the head, or at the end where there is none;
// browsers heed it there too.
func newTabs(body string) string {
	const base = `<base target="_blank">`
	if at := headTag.FindStringIndex(body); at != nil {
		return body[:at[1]] + base + body[at[1]:]
	}
	return body + base
}

// raw answers the source as it was sent.
func (m *Mailbox) raw(w http.ResponseWriter, r *http.Request) {
	message, found := m.byNumber(r.PathValue("number"))
	if !found {
		refuse(w, http.StatusNotFound, "This mail is gone", "It was thrown away, or never was.")
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(message.Raw)
}

// attachment answers one attachment as a download, never shown in place.
func (m *Mailbox) attachment(w http.ResponseWriter, r *http.Request) {
	message, found := m.byNumber(r.PathValue("number"))
	part, err := strconv.Atoi(r.PathValue("part"))
	if !found || err != nil || part < 0 || part >= len(message.Attachments) {
		refuse(w, http.StatusNotFound, "This attachment is gone", "Its mail was thrown away, or never had it.")
		return
	}
	attached := message.Attachments[part]
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": attached.Name}))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(attached.Content)
}

// turn switches the mail server and goes back to the page.
func (m *Mailbox) turn(down bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m.SetDown(down)
		http.Redirect(w, r, "/mail", http.StatusSeeOther)
	}
}
