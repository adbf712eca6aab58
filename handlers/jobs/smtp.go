package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// TLSMode says how the way to the mail server is protected.
type TLSMode string

// The modes.
const (
	StartTLS TLSMode = "starttls" // starts in clear and must change to TLS (RFC 3207)
	TLS      TLSMode = "tls"      // TLS from the first octet (RFC 8314)
	NoTLS    TLSMode = "none"     // in clear: for a server on the same machine
)

// SMTPConfig says which mail server to hand mail to, and as whom.
type SMTPConfig struct {
	Host     string
	Port     int
	TLS      TLSMode
	User     string // empty: without signing in
	Password string
	From     string // an address, with or without a name: Locum <access@company.example>
	// MailHost is the right side of message ids and lists, and the name given
	// to the mail server; From's domain when empty. It must stay as it is, or
	// the mails of a thread fall apart.
	MailHost string
}

// SMTP hands mail to a mail server (RFC 5321), one connection a letter.
type SMTP struct {
	client *gomail.Client
	from   *mail.Address
	host   string
}

// smtpTimeout bounds each wait for the mail server.
const smtpTimeout = 20 * time.Second

// errNoAddress leaves out what the recipient is instead.
var errNoAddress = errors.New("the recipient is no mail address")

// NewSMTP checks the configuration; it does not connect yet. The error says
// what is wrong in words for operators.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is no mail address: write access@company.example or Locum <access@company.example>", c.From)
	}
	host := c.MailHost
	if host == "" {
		_, host, _ = strings.Cut(from.Address, "@")
	}
	options := []gomail.Option{gomail.WithPort(c.Port), gomail.WithTimeout(smtpTimeout), gomail.WithHELO(host)}
	switch c.TLS {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithSSL())
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("%q is no way to protect the connection to the mail server: write starttls, tls or none", c.TLS)
	}
	if c.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	client, err := gomail.NewClient(c.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server %s:%d cannot be used: %w", c.Host, c.Port, err)
	}
	return &SMTP{client: client, from: from, host: host}, nil
}

// Send hands over one letter. A connection that breaks once the mail server
// has taken the letter is no error: it would only be sent twice.
func (s *SMTP) Send(ctx context.Context, letter Letter) error {
	message, err := s.message(letter)
	if err != nil {
		return &Refusal{Cause: err, Address: errors.Is(err, errNoAddress)}
	}
	err = s.client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() {
		return nil
	}
	if forGood(err) {
		return refusalOf(err)
	}
	return err
}

// refusalOf reads which part of a letter was refused for good: the recipient, or
// something else about it.
func refusalOf(err error) *Refusal {
	refusal := &Refusal{Cause: err}
	var failed *gomail.SendError
	if errors.As(err, &failed) {
		refusal.Address = failed.Reason == gomail.ErrSMTPRcptTo
		refusal.Code = strings.TrimSpace(fmt.Sprintf("%d %s", failed.ErrorCode(), failed.EnhancedStatusCode()))
	}
	return refusal
}

// message gives a letter its headers and both its parts.
func (s *SMTP) message(letter Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	if m.To(letter.To) != nil {
		return nil, errNoAddress
	}
	m.Subject(letter.Subject)
	m.SetMessageIDWithValue(at(letter.ID, s.host))
	if letter.InReplyTo != "" {
		// A thread's first mail is the only one that the others answer, so
		// both headers are the same (RFC 5322, section 3.6.4).
		first := "<" + at(letter.InReplyTo, s.host) + ">"
		m.SetGenHeader(gomail.HeaderInReplyTo, first)
		m.SetGenHeader(gomail.HeaderReferences, first)
	}
	m.SetDateWithValue(letter.Date)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	if letter.List.ID != "" {
		m.SetGenHeaderPreformatted("List-Id", phrase(letter.List.Name)+"<"+letter.List.ID+"."+s.host+">")
	}
	m.SetBodyString(gomail.TypeTextPlain, letter.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, letter.HTML)
	return m, nil
}

// phrase is a name before an address in brackets, quoted or encoded so that it
// cannot end early (RFC 5322, section 3.2.5; RFC 2047).
func phrase(name string) string {
	named := mail.Address{Name: name, Address: "a@b"}
	return strings.TrimSuffix(named.String(), "<a@b>")
}

// forGood says whether the mail server refused this letter, and will again.
// A refusal before the recipient was named, for want of signing in or by
// policy (5.7.x, such as "relaying denied") is more often a setting that an
// operator mends: nothing is lost by trying again.
func forGood(err error) bool {
	var failed *gomail.SendError
	if !errors.As(err, &failed) || failed.IsTemp() {
		return false
	}
	code := failed.ErrorCode()
	switch failed.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		return code >= 500 && code <= 599 && code != 530 && !strings.HasPrefix(failed.EnhancedStatusCode(), "5.7.")
	}
	return false
}

// brief is an error as it may be logged: the mail server's answer names the
// recipient, its codes do not.
func brief(err error) string {
	var failed *gomail.SendError
	if errors.As(err, &failed) {
		return strings.TrimSpace(fmt.Sprintf("%s: %d %s", failed.Reason, failed.ErrorCode(), failed.EnhancedStatusCode()))
	}
	return err.Error()
}
