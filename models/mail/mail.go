// Package mail queues the mails that Locum owes people. The facts are kept as
// they were when the thing happened; the words are chosen when the mail is
// sent, in the recipient's language and zone, by handlers/jobs and views/mail.
//
// It must never queue a mail outside the transaction of the change it tells
// of, so that no mail is lost and none tells of what was rolled back.
package mail

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/riverqueue/river"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/store"
)

// Kind says which mail it is; it decides the words.
type Kind string

// Content is the facts of one kind of mail.
type Content interface{ Kind() Kind }

// Recipient is who gets a mail. Account is empty for an address without one.
type Recipient struct {
	Account  string
	Name     string
	Email    string
	Language string
	TimeZone string
}

// Draft is a mail to queue. Key makes it unique in its company: the same key
// again queues nothing. Thread names the conversation that it belongs to: its
// first mail's Message-ID derives from Thread alone, and later ones answer it.
type Draft struct {
	Company, Organization string // whose business it is; Platform when none
	Key                   string
	To                    Recipient
	Content               Content
	Thread                string // for example the visit's id; empty: no thread
	First                 bool   // opens the thread
}

// Mail is one mail that has to go out, or went out.
type Mail struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	OrganizationID string
	Key            string
	Kind           Kind
	AccountID      string
	Recipient      string
	Language       string
	TimeZone       string
	Data           string
	MessageID      string
	InReplyTo      string
	Attempts       int
	Failure        string
	CreatedAt      models.Instant
	SentAt         *models.Instant
	GivenUpAt      *models.Instant
}

// TableName is the table of mails.
func (Mail) TableName() string { return "mails" }

// Job sends one mail. It carries the tenant that the mail belongs to.
type Job struct {
	Company string `json:"company"`
	Mail    string `json:"mail"`
}

// Kind names the job in the queue.
func (Job) Kind() string { return "mail" }

// InsertOpts: 25 tries, which the worker spreads over some 80 hours: a mail
// server may be down for a weekend.
func (Job) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 25} }

// Queue leaves a mail behind that is sent once the transaction is committed.
// Queueing the same key twice in a company is the same as queueing it once.
func Queue(tx *store.Tx, d Draft) error {
	data, err := json.Marshal(d.Content)
	if err != nil {
		return fmt.Errorf("mail: %s: %w", d.Content.Kind(), err)
	}
	m := Mail{CompanyID: cmp.Or(d.Company, store.Platform), ID: models.NewID("mail"), OrganizationID: d.Organization, Key: d.Key,
		Kind: d.Content.Kind(), AccountID: d.To.Account, Recipient: d.To.Email, Language: d.To.Language, TimeZone: d.To.TimeZone,
		Data: string(data), CreatedAt: models.At(tx.Now())}
	m.MessageID = messageID(m.ID)
	if d.Thread != "" {
		first := messageID(d.Thread + "." + threadPart(d.To))
		m.InReplyTo = first
		if d.First {
			m.MessageID, m.InReplyTo = first, ""
		}
	}
	return tx.Across("queue a mail", func(tx *store.Tx) error {
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&m)
		if made.Error != nil {
			return fmt.Errorf("mail: %w", made.Error)
		}
		if made.RowsAffected == 0 {
			return nil // queued before
		}
		return tx.Enqueue(Job{Company: m.CompanyID, Mail: m.ID})
	})
}

// Withdraw gives up a mail that has not gone out yet and would tell what is no
// longer so, such as an invitation that was taken back.
func Withdraw(tx *store.Tx, company, key string) error {
	return tx.Across("withdraw a mail", func(tx *store.Tx) error {
		return tx.Model(&Mail{}).Where("company_id = ? AND key = ? AND sent_at IS NULL AND given_up_at IS NULL", company, key).
			Update("given_up_at", models.At(tx.Now())).Error
	})
}

// threadPart keeps the threads of several recipients apart.
func threadPart(to Recipient) string {
	return cmp.Or(to.Account, strings.ReplaceAll(strings.ToLower(to.Email), "@", "."))
}

// messageID is stable: a repeat of the same mail carries the same one
// (RFC 5322, section 3.6.4). Its right side is a name of ours that no host has.
func messageID(id string) string { return id + "@mail.locum.invalid" }
