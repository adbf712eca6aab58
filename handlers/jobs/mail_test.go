package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/store"
	view "locum/views/mail"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// desk is a worker with a database and a mail server of its own.
type desk struct {
	*testing.T
	store  *store.Store
	server *mailServer
	worker *MailWorker
	log    bytes.Buffer
	clock  atomic.Int64 // seconds after noon
}

// each runs a test on every database.
func each(t *testing.T, test func(t *testing.T, d *desk)) {
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) { test(t, newDesk(t, database)) })
	}
}

func TestMain(m *testing.M) { modelstest.Main(m) }

func newDesk(t *testing.T, database string) *desk {
	d := &desk{T: t, server: newMailServer(t)}
	s, err := store.Open(t.Context(), store.Config{URL: modelstest.URL(t, database), Now: d.now, Log: slog.New(slog.DiscardHandler),
		Derive: func(_ *store.Tx, by models.Actor) (models.Actor, error) { return by, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	d.store = s
	d.worker = &MailWorker{Outbox: mail.NewOutbox(s), Addresses: account.NewAccounts(s), Sender: d.server.sender(), Links: view.NewLinks("https://hub.example"),
		CodeFor: func(request string) (string, error) {
			if request != "cod_1" {
				return "", errors.New("no such request")
			}
			return "7K3M9QXT", nil
		},
		Now: d.now, Log: slog.New(slog.NewTextHandler(&d.log, nil))}
	return d
}

func (d *desk) now() time.Time { return noon.Add(time.Duration(d.clock.Load()) * time.Second) }

// queue queues a mail as the domain does, and gives its job.
func (d *desk) queue(draft mail.Draft) mail.Job {
	d.Helper()
	var m mail.Mail
	err := d.store.System(d.Context(), "queue a mail for the test", func(tx *store.Tx) error {
		tx.NothingToRecord()
		if err := mail.Queue(tx, draft); err != nil {
			return err
		}
		return tx.Where("key = ?", draft.Key).Take(&m).Error
	})
	if err != nil {
		d.Fatal(err)
	}
	return mail.Job{Company: m.CompanyID, Mail: m.ID}
}

func (d *desk) work(job mail.Job, attempt int) error {
	return d.worker.Work(d.Context(), &river.Job[mail.Job]{JobRow: &rivertype.JobRow{Attempt: attempt, MaxAttempts: 25}, Args: job})
}

// row is what the outbox has noted of a mail.
func (d *desk) row(job mail.Job) (m mail.Mail) {
	d.Helper()
	err := d.store.SystemRead(d.Context(), "look at a mail", func(tx *store.Tx) error {
		return tx.Where("company_id = ? AND id = ?", job.Company, job.Mail).Take(&m).Error
	})
	if err != nil {
		d.Fatal(err)
	}
	return m
}

func draft(key string, content mail.Content) mail.Draft {
	return mail.Draft{Company: "com_1", Organization: "org_1", Key: key, Content: content,
		To: mail.Recipient{Account: "acc_1", Email: "karin@zonneveld.example", Language: "nl", TimeZone: "Europe/Amsterdam"}}
}

func delegated() mail.Delegated {
	return mail.Delegated{Delegation: "dlg_1", Host: mail.Place{ID: "org_1", Name: "Zonneveld Bakkerijen", Hue: 5}, Person: "Sanne Kuipers",
		Email: "sanne@kade.example", GivenBy: "Karin Schouten", Roles: []string{"Member"}, Starts: models.At(noon)}
}

func entered(key string) mail.Draft {
	d := draft(key, mail.Entered{Delegated: delegated(), Visit: "vis_1", At: models.At(noon)})
	d.Thread, d.First = "vis_1", true
	return d
}

func TestMailIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		job := d.queue(entered("entered"))
		if err := d.work(job, 1); err != nil {
			t.Fatal(err)
		}
		m := d.server.next()
		if to := m.Header.Get("To"); to != "<karin@zonneveld.example>" {
			t.Errorf("to %q", to)
		}
		if subject := m.Header.Get("Subject"); subject != "Sanne Kuipers heeft Zonneveld Bakkerijen betreden" {
			t.Errorf("subject %q", subject)
		}
		if err := d.work(job, 2); err != nil {
			t.Fatal(err)
		}
		d.server.none()
		if row := d.row(job); row.SentAt == nil || row.Attempts != 1 {
			t.Errorf("noted %+v", row)
		}
	})
}

// forgetful is an outbox that crashes before it can note that a mail went out.
type forgetful struct{ Outbox }

func (forgetful) Sent(context.Context, *mail.Mail) error { return errors.New("the power failed") }

// Edge case 5: crash between switch and mail: nothing is lost, and a repeat has
// the same Message-ID.
func TestRepeatHasTheSameMessageID(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		job := d.queue(entered("entered"))
		outbox := d.worker.Outbox
		d.worker.Outbox = forgetful{outbox}
		if err := d.work(job, 1); err == nil {
			t.Fatal("a mail that could not be noted counts as done")
		}
		first := d.server.next()
		d.worker.Outbox = outbox
		d.clock.Store(3600)
		if err := d.work(job, 2); err != nil {
			t.Fatal(err)
		}
		second := d.server.next()
		if date := second.Header.Get("Date"); date != "Tue, 24 Nov 2026 12:00:00 +0000" {
			t.Errorf("dated %s, not when it was queued", date)
		}
		for _, name := range []string{"Message-Id", "Date", "Subject"} {
			if a, b := first.Header.Get(name), second.Header.Get(name); a != b || a == "" {
				t.Errorf("%s was %q and is %q", name, a, b)
			}
		}
	})
}

// Edge case 6: the mail server is down: nothing is lost.
func TestMailServerDownThenUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		jobs := []mail.Job{d.queue(entered("one")), d.queue(draft("two", mail.Granted{Delegated: delegated()}))}
		d.server.stop()
		for _, job := range jobs {
			err := d.work(job, 1)
			if cancelled := (*river.JobCancelError)(nil); err == nil || errors.As(err, &cancelled) {
				t.Fatalf("a try without a mail server gave %v", err)
			}
			if row := d.row(job); row.SentAt != nil || row.GivenUpAt != nil || row.Attempts != 1 || row.Failure == "" {
				t.Errorf("noted %+v", row)
			}
		}
		d.server.start()
		for _, job := range jobs {
			if err := d.work(job, 2); err != nil {
				t.Fatal(err)
			}
			d.server.next()
			if row := d.row(job); row.SentAt == nil || row.Failure != "" || row.Attempts != 2 {
				t.Errorf("noted %+v", row)
			}
		}
	})
}

func TestTemporaryAndPermanent(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		job := d.queue(entered("entered"))
		cancelled := (*river.JobCancelError)(nil)
		d.server.refuse(nil, answer(450, smtp.EnhancedCode{4, 2, 0}, "later, karin@zonneveld.example"), nil)
		if err := d.work(job, 1); err == nil || errors.As(err, &cancelled) {
			t.Fatalf("a temporary failure gave %v", err)
		}
		if row := d.row(job); row.GivenUpAt != nil || !strings.Contains(row.Failure, "later") {
			t.Errorf("noted %+v", row)
		}
		d.server.refuse(nil, answer(550, smtp.EnhancedCode{5, 1, 1}, "no such mailbox"), nil)
		if err := d.work(job, 2); !errors.As(err, &cancelled) {
			t.Fatalf("a bounce gave %v", err)
		}
		if row := d.row(job); row.GivenUpAt == nil || row.SentAt != nil {
			t.Errorf("noted %+v", row)
		}
		d.server.refuse(nil, nil, nil)
		if err := d.work(job, 3); err != nil {
			t.Fatal(err)
		}
		d.server.none()
		if said := d.log.String(); strings.Contains(said, "karin") || strings.Contains(said, "Sanne") {
			t.Errorf("the log says too much:\n%s", said)
		}
	})
}

func TestLastTryIsFinal(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		job := d.queue(entered("entered"))
		d.server.stop()
		if err := d.work(job, 25); err == nil {
			t.Fatal("no error")
		}
		if row := d.row(job); row.GivenUpAt == nil {
			t.Errorf("noted %+v", row)
		}
	})
}

func TestThread(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		left := draft("left", mail.Left{Delegated: delegated(), Visit: "vis_1", Entered: models.At(noon), At: models.At(noon.Add(time.Hour)), Why: "back"})
		left.Thread = "vis_1"
		other := entered("entered to another")
		other.To = mail.Recipient{Account: "acc_2", Email: "anna@zonneveld.example"}
		var mails []*netmail.Message
		for _, draft := range []mail.Draft{entered("entered"), left, other} {
			if err := d.work(d.queue(draft), 1); err != nil {
				t.Fatal(err)
			}
			mails = append(mails, d.server.next())
		}
		first := mails[0].Header.Get("Message-Id")
		if !strings.HasSuffix(first, "@hub.example>") || mails[0].Header.Get("In-Reply-To") != "" {
			t.Errorf("the first mail is %q, in reply to %q", first, mails[0].Header.Get("In-Reply-To"))
		}
		for _, name := range []string{"In-Reply-To", "References"} {
			if got := mails[1].Header.Get(name); got != first {
				t.Errorf("%s of the second mail is %q, want %q", name, got, first)
			}
		}
		if mails[1].Header.Get("Message-Id") == first || mails[2].Header.Get("Message-Id") == first {
			t.Error("two mails have one Message-ID")
		}
	})
}

func TestCodeMail(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		code := func(request string) mail.Job {
			draft := draft("code "+request, mail.Code{Request: request, Expires: models.At(noon.Add(10 * time.Minute))})
			draft.Company, draft.Organization = "", ""
			return d.queue(draft)
		}
		job := code("cod_1")
		if err := d.work(job, 1); err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		m := d.server.next()
		if _, err := body.ReadFrom(m.Body); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(body.String(), "7K3M-9QXT"); n < 2 {
			t.Errorf("the code stands %d times in the two parts", n)
		}
		if row := d.row(job); strings.Contains(row.Data, "7K3M") || strings.Contains(d.log.String(), "7K3M") {
			t.Error("the code was stored or logged")
		}
		if err := d.work(code("cod_2"), 1); err == nil {
			t.Error("a mail without a code was sent")
		}
		job = code("cod_3")
		d.clock.Store(600)
		cancelled := (*river.JobCancelError)(nil)
		if err := d.work(job, 4); !errors.As(err, &cancelled) {
			t.Errorf("an expired code gave %v", err)
		}
		if row := d.row(job); row.GivenUpAt == nil {
			t.Errorf("noted %+v", row)
		}
		d.server.none()
	})
}

func TestNextRetry(t *testing.T) {
	worker := &MailWorker{Now: func() time.Time { return noon }}
	total := time.Duration(0)
	for failed := 1; failed < 25; failed++ {
		wait := worker.NextRetry(&river.Job[mail.Job]{JobRow: &rivertype.JobRow{Attempt: failed}}).Sub(noon)
		want := map[int]time.Duration{1: 5 * time.Second, 2: 30 * time.Second, 3: 2 * time.Minute, 4: 10 * time.Minute, 5: time.Hour, 12: time.Hour, 13: 6 * time.Hour}[failed]
		if want != 0 && wait != want {
			t.Errorf("after failure %d it waits %s, want %s", failed, wait, want)
		}
		total += wait
	}
	if total < 72*time.Hour {
		t.Errorf("a mail is lost after %s", total)
	}
}

// The whole way: queued in a transaction, taken up by the queue, delivered.
func TestQueueDelivers(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		stop, err := d.store.Work(t.Context(), Workers(d.worker, &EvaluationWorker{}, &LogoutWorker{}))
		if err != nil {
			t.Fatal(err)
		}
		job := d.queue(entered("entered"))
		select {
		case <-d.server.arrived:
		case <-time.After(20 * time.Second):
			t.Error("the queue did not deliver within 20 seconds")
		}
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
		if row := d.row(job); row.SentAt == nil {
			t.Errorf("noted %+v", row)
		}
	})
}
