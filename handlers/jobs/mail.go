package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"locum/models/mail"
	view "locum/views/mail"
)

// Outbox is where queued mails wait, and where it is noted what became of them.
type Outbox interface {
	Waiting(ctx context.Context, job mail.Job) (*mail.Mail, error)
	Sent(ctx context.Context, m *mail.Mail) error
	Failed(ctx context.Context, m *mail.Mail, why string, final bool) error
}

// Addresses is where it is noted whether mail reaches a person. Only what the
// mail server answers while it takes a letter is known: nothing comes in here by
// mail, so a failure that is reported later stays unknown.
type Addresses interface {
	Bounced(ctx context.Context, account, email, code string) error
	Reached(ctx context.Context, account, email string) error
}

// MailWorker sends queued mails, at least once each: a repeat, after a crash
// between handing a mail over and noting it, carries the same Message-ID.
type MailWorker struct {
	river.WorkerDefaults[mail.Job]

	Outbox    Outbox
	Addresses Addresses
	Sender    Sender
	Links     view.Links
	// CodeFor gives the sign-in code of a request: 8 characters.
	CodeFor func(requestID string) (string, error)
	// TokenFor gives the token of a set-up link.
	TokenFor func(mandateID string) (string, error)
	Now      func() time.Time
	Log      *slog.Logger
}

// errTooLate says that a sign-in code expired before its mail could go out.
var errTooLate = errors.New("the sign-in code expired before the mail could be sent")

// noteTime bounds the note of what became of a mail; it is made even while the
// program is stopping, since an unnoted mail goes out twice.
const noteTime = 10 * time.Second

// Work sends one mail.
func (w *MailWorker) Work(ctx context.Context, job *river.Job[mail.Job]) error {
	m, err := w.Outbox.Waiting(ctx, job.Args)
	if err != nil {
		return fmt.Errorf("mail %s: %w", job.Args.Mail, err)
	}
	if m == nil || m.GivenUpAt != nil {
		return nil
	}
	began := w.Now()
	log := w.Log.With("mail", m.ID, "kind", m.Kind, "organization", m.OrganizationID, "attempt", job.Attempt)
	err = w.send(ctx, m)
	note, done := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer done()
	if err == nil {
		log.Info("mail sent", "took", w.Now().Sub(began))
		return errors.Join(w.Outbox.Sent(note, m), w.reached(note, m))
	}
	refusal := (*Refusal)(nil)
	refused := errors.As(err, &refusal)
	if refused && refusal.Address && m.AccountID != "" {
		if noted := w.Addresses.Bounced(note, m.AccountID, m.Recipient, refusal.Code); noted != nil {
			return errors.Join(noted, err) // tried again: nothing was noted
		}
	}
	never := refused || errors.Is(err, errTooLate)
	final := never || job.Attempt >= job.MaxAttempts
	if final {
		log.Error("mail given up", "error", brief(err))
	} else {
		log.Warn("mail not sent, tried again later", "error", brief(err), "next", w.NextRetry(job))
	}
	if noted := w.Outbox.Failed(note, m, err.Error(), final); noted != nil {
		return errors.Join(noted, err)
	}
	if never {
		return river.JobCancel(err)
	}
	return err
}

// reached notes that a person's address takes mail.
func (w *MailWorker) reached(ctx context.Context, m *mail.Mail) error {
	if m.AccountID == "" {
		return nil
	}
	return w.Addresses.Reached(ctx, m.AccountID, m.Recipient)
}

// send writes a mail in its recipient's words and hands it over.
func (w *MailWorker) send(ctx context.Context, m *mail.Mail) error {
	content, err := m.Content()
	if err != nil {
		return err
	}
	if code, ok := content.(mail.Code); ok {
		if !w.Now().Before(code.Expires.Time) {
			return errTooLate
		}
		value, err := w.CodeFor(code.Request)
		if err != nil {
			return err
		}
		content = view.SignInCode{Code: code, Value: value}
	}
	if link, ok := content.(mail.SetUpLink); ok {
		token, err := w.TokenFor(link.Mandate)
		if err != nil {
			return err
		}
		content = view.SetUpAddress{SetUpLink: link, Token: token}
	}
	words, err := view.Render(view.Locale(*m, content), content, w.Links)
	if err != nil {
		return err
	}
	return w.Sender.Send(ctx, letterOf(m, words))
}

// retries are the waits after the first failures: most are over in seconds,
// and somebody waits for a code.
var retries = [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// NextRetry is when a failed mail is tried again: soon at first, then hourly
// for a working day, then every six hours. With the job's 25 tries a mail
// server may be down for three days before a mail is lost.
func (w *MailWorker) NextRetry(job *river.Job[mail.Job]) time.Time {
	wait := 6 * time.Hour
	switch failed := job.Attempt; {
	case failed <= len(retries):
		wait = retries[max(failed, 1)-1]
	case failed <= len(retries)+8:
		wait = time.Hour
	}
	return w.Now().Add(wait)
}

// Timeout leaves a slow mail server its time, and the notes theirs.
func (w *MailWorker) Timeout(*river.Job[mail.Job]) time.Duration { return 3 * smtpTimeout }
