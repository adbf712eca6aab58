package notice

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// keep is how long an inbox remembers.
const keep = 365 * 24 * time.Hour

// Entry is one thing in the inbox of one person, with the facts as they were.
type Entry struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string
	ID             string `gorm:"primaryKey"`
	AccountID      string
	Key            string
	Kind           mail.Kind
	DelegationID   string
	VisitID        string
	Data           string
	Delivery       string // "mail", "visit", "digest" or "inbox"
	CreatedAt      models.Instant
	ReadAt         *models.Instant
	DigestedAt     *models.Instant // when it went out with a digest
}

// TableName is the table of entries.
func (Entry) TableName() string { return "notices" }

// Content reads the facts back into their kind.
func (e Entry) Content() (mail.Content, error) {
	return mail.Mail{Kind: e.Kind, Data: e.Data}.Content()
}

// SuperuserOf finds the organizations of which a person is a superuser now. It
// is the one of models/access, which decides that.
type SuperuserOf func(tx *store.Tx, person string) ([]tenancy.PartyID, error)

// Inbox is what people are told in the application. Each sees his own, of the
// organizations of which he is still a superuser.
type Inbox struct {
	store *store.Store
	of    SuperuserOf
}

// NewInbox opens the inboxes of a store.
func NewInbox(s *store.Store, of SuperuserOf) *Inbox { return &Inbox{s, of} }

// Filter narrows an inbox.
type Filter struct {
	Unread       bool
	Organization string // id
	Kind         mail.Kind
}

// Received is one entry with the organization that it is about.
type Received struct {
	Entry
	Host    models.Party
	Content mail.Content
}

// Contents is a page of an inbox.
type Contents struct {
	Entries []Received
	Hosts   []models.Party // that the person hears of
	Found   int            // by the filter, on all pages
	Unread  int            // in all
}

// List gives a page of the actor's inbox, newest first.
func (i *Inbox) List(ctx context.Context, by models.Actor, f Filter, page models.Page) (c Contents, err error) {
	err = i.store.SystemRead(ctx, "a person's own inbox", func(tx *store.Tx) error {
		hosts, own, err := i.own(tx, by)
		if err != nil || own == nil {
			return err
		}
		for _, at := range hosts {
			p, err := tenancy.PartyOf(tx, at.Company, at.Organization)
			if err != nil {
				return err
			}
			c.Hosts = append(c.Hosts, p)
		}
		var unread, found int64
		if err := own(tx.Model(&Entry{})).Where("read_at IS NULL").Count(&unread).Error; err != nil {
			return err
		}
		if err := f.narrow(own(tx.Model(&Entry{}))).Count(&found).Error; err != nil {
			return err
		}
		c.Unread, c.Found = int(unread), int(found)
		var rows []Entry
		if err := f.narrow(own(tx.DB)).Order("created_at DESC, id DESC").Limit(page.Size).Offset(page.Offset()).Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			r, err := received(row, c.Hosts)
			if err != nil {
				return err
			}
			c.Entries = append(c.Entries, r)
		}
		return nil
	})
	return c, err
}

func (f Filter) narrow(db *gorm.DB) *gorm.DB {
	if f.Unread {
		db = db.Where("read_at IS NULL")
	}
	if f.Organization != "" {
		db = db.Where("organization_id = ?", f.Organization)
	}
	if f.Kind != "" {
		db = db.Where("kind = ?", f.Kind)
	}
	return db
}

func received(row Entry, hosts []models.Party) (Received, error) {
	content, err := row.Content()
	r := Received{Entry: row, Content: content}
	for _, h := range hosts {
		if h.Organization == row.OrganizationID {
			r.Host = h
		}
	}
	return r, err
}

// own are the organizations of the actor's inbox, and the condition on its
// entries; nil where he has none. A break-glass session sees its company alone.
func (i *Inbox) own(tx *store.Tx, by models.Actor) ([]tenancy.PartyID, func(*gorm.DB) *gorm.DB, error) {
	if by.Account == "" {
		return nil, nil, nil
	}
	hosts, err := i.of(tx, by.Account)
	if err != nil {
		return nil, nil, err
	}
	if by.BreakGlass != nil {
		hosts = slices.DeleteFunc(hosts, func(at tenancy.PartyID) bool { return at.Company != by.BreakGlass.Company })
	}
	if len(hosts) == 0 {
		return nil, nil, nil
	}
	ids := make([]string, len(hosts))
	for n, at := range hosts {
		ids[n] = at.Organization
	}
	return hosts, func(db *gorm.DB) *gorm.DB {
		return db.Where("account_id = ? AND organization_id IN ?", by.Account, ids)
	}, nil
}

// Bell is what stands on every page: whether the actor has an inbox, how much
// of it is unread, and the address of his that mail does not reach.
type Bell struct {
	Has     bool
	Unread  int
	Bounced string // his address, or empty
}

// Bell reads the Bell of the actor.
func (i *Inbox) Bell(ctx context.Context, by models.Actor) (b Bell, err error) {
	err = i.store.SystemRead(ctx, "how much of an inbox is unread", func(tx *store.Tx) error {
		if by.Account == "" {
			return nil
		}
		p, err := account.Load(tx, by.Account)
		if err != nil {
			return err
		}
		if p.Bounced {
			b.Bounced = p.Email
		}
		_, own, err := i.own(tx, by)
		if err != nil || own == nil {
			return err
		}
		var unread int64
		err = own(tx.Model(&Entry{})).Where("read_at IS NULL").Count(&unread).Error
		b.Has, b.Unread = true, int(unread)
		return err
	})
	return b, err
}

// Read marks one entry of the actor's inbox as read, and gives it.
func (i *Inbox) Read(ctx context.Context, by models.Actor, id string) (e Entry, err error) {
	err = i.change(ctx, by, func(tx *store.Tx, own func(*gorm.DB) *gorm.DB) error {
		err := own(tx.DB).Where("id = ?", id).Take(&e).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil || e.ReadAt != nil {
			return err
		}
		return own(tx.Model(&Entry{})).Where("id = ? AND read_at IS NULL", id).Update("read_at", models.At(tx.Now())).Error
	})
	return e, err
}

// ReadAll marks everything in the actor's inbox as read that came until a
// moment: what came meanwhile he has not seen.
func (i *Inbox) ReadAll(ctx context.Context, by models.Actor, until time.Time) error {
	return i.change(ctx, by, func(tx *store.Tx, own func(*gorm.DB) *gorm.DB) error {
		return own(tx.Model(&Entry{})).Where("read_at IS NULL AND created_at <= ?", models.At(until)).Update("read_at", models.At(tx.Now())).Error
	})
}

func (i *Inbox) change(ctx context.Context, by models.Actor, do func(*store.Tx, func(*gorm.DB) *gorm.DB) error) error {
	return i.store.SystemFor(ctx, by, "a person reads his inbox", func(tx *store.Tx) error {
		tx.NothingToRecord() // what somebody read is nobody's business
		_, own, err := i.own(tx, tx.Actor)
		if err != nil {
			return err
		}
		if own == nil {
			return models.Unknown()
		}
		tx.Notify("account:" + tx.Actor.Account)
		return do(tx, own)
	})
}

// Prune forgets what is older than an inbox remembers, in a System transaction.
func Prune(tx *store.Tx) error {
	return tx.Where("created_at < ?", models.At(tx.Now().Add(-keep))).Delete(&Entry{}).Error
}
