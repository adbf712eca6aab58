package demo

import (
	"io"
	"log"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-smtp"
)

// errDown is what a sender hears while the mail server is turned off.
var errDown = &smtp.SMTPError{
	Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "The mail server is turned off for now",
}

// errNotKept is what a sender hears when a mail could not be stored.
var errNotKept = &smtp.SMTPError{
	Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "The mail could not be stored",
}

// newSMTPServer is the mailbox's server: no encryption and no password, since
// it listens on this machine only.
func newSMTPServer(m *Mailbox) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &delivery{mailbox: m}, nil
	}))
	server.Domain = "mailbox.example"
	server.MaxMessageBytes = 10 << 20
	server.MaxRecipients = 100
	server.ReadTimeout = time.Minute
	server.WriteTimeout = time.Minute
	server.EnableSMTPUTF8 = true
	// A client that hangs up is of no interest to whoever runs the demo.
	server.ErrorLog = log.New(io.Discard, "", 0)
	return server
}

// Serve takes mail on the listener until Close.
func (m *Mailbox) Serve(listener net.Listener) error { return m.server.Serve(listener) }

// Close stops taking mail and hangs up.
func (m *Mailbox) Close() error { return m.server.Close() }

// delivery is one client's connection. It hears of a turned-off server at MAIL,
// not at the greeting, because that is where a sender can tell a temporary
// failure from a permanent one.
type delivery struct {
	mailbox *Mailbox
	from    string
	to      []string
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	if d.mailbox.Down() {
		return errDown
	}
	d.from = from
	return nil
}

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !slices.Contains(d.to, to) {
		d.to = append(d.to, to)
	}
	return nil
}

func (d *delivery) Data(content io.Reader) error {
	raw, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if d.mailbox.Down() {
		return errDown
	}
	if err := d.mailbox.take(d.from, slices.Clone(d.to), raw); err != nil {
		return errNotKept
	}
	return nil
}

func (d *delivery) Reset() { d.from, d.to = "", nil }

func (d *delivery) Logout() error { return nil }
