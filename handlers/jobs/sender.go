package jobs

import (
	"context"
	"strings"
	"time"

	"locum/models/mail"
	view "locum/views/mail"
)

// Letter is one mail, ready to go out. A repeat of the same mail is the same
// letter to the last header, so that it can be recognised.
type Letter struct {
	ID        string // of the Message-ID, without brackets
	InReplyTo string // the ID of the mail that this one answers, or empty
	List      List   // whose business it is; empty for a sign-in code
	Date      time.Time
	To        string // an address
	view.Message
}

// List is what mail programs sort by (RFC 2919): one for each organization.
type List struct{ ID, Name string }

// Sender hands a letter over to whoever delivers it. An error that is no
// *Refusal means that it can be tried again.
type Sender interface {
	Send(ctx context.Context, letter Letter) error
}

// Refusal says that a letter will never arrive, because the mail server
// refused the address or the letter for good.
type Refusal struct {
	Cause error
	// Address says that it is the address which is refused, whatever the letter;
	// Code is the mail server's answer in digits: "550 5.1.1".
	Address bool
	Code    string
}

func (r *Refusal) Error() string { return r.Cause.Error() }

// Unwrap is the mail server's answer.
func (r *Refusal) Unwrap() error { return r.Cause }

// letterOf is a queued mail with its words.
func letterOf(m *mail.Mail, words view.Message) Letter {
	return Letter{ID: m.MessageID, InReplyTo: m.InReplyTo, List: List{ID: m.OrganizationID, Name: words.Place.Name},
		Date: m.CreatedAt.Time, To: m.Recipient, Message: words}
}

// at puts the right side of a message id under the installation's own name;
// the left side alone makes it unique.
func at(id, host string) string {
	left, _, _ := strings.Cut(id, "@")
	return left + "@" + host
}
