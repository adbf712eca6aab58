package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

const (
	// digestHour is when a digest goes out, on the clock of who gets it.
	digestHour = 18
	// mostLines is how many things stand in one digest; the others in the inbox.
	mostLines = 100
)

// Digests are the daily mails of those who chose one mail a day.
type Digests struct{ store *store.Store }

// NewDigests opens the digests of a store.
func NewDigests(s *store.Store) *Digests { return &Digests{s} }

// waiting is whose digest of which organization has something in it, and since
// when.
type waiting struct {
	CompanyID, OrganizationID, AccountID string
	Since                                models.Instant
}

// Send queues the digests that are due: of each person and organization one a
// day, with what came before the hour, and none where nothing did. However late
// it runs, what belongs to a day goes out with that day's.
func (d *Digests) Send(ctx context.Context) error {
	var due []waiting
	err := d.store.SystemRead(ctx, "digests that wait", func(tx *store.Tx) (err error) {
		due, err = dueNow(tx)
		return err
	})
	for _, one := range due {
		err = errors.Join(err, d.store.System(ctx, "send a digest", func(tx *store.Tx) error {
			tx.NothingToRecord()
			return send(tx, one)
		}))
	}
	return err
}

// dueNow are the digests in which something stands from before the hour at which
// they go out, on the clock of who gets them. What waits for the evening costs no
// more than this one look.
func dueNow(tx *store.Tx) (due []waiting, err error) {
	var all []waiting
	err = tx.Model(&Entry{}).Select("company_id, organization_id, account_id, MIN(created_at) AS since").
		Where("delivery = 'digest' AND digested_at IS NULL").Group("company_id, organization_id, account_id").Find(&all).Error
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, one := range all {
		ids[i] = one.AccountID
	}
	people, err := account.LoadAll(tx, ids)
	for _, one := range all {
		p, there := people[one.AccountID]
		if there && one.Since.Before(hour(tx.Now(), p.Zone())) {
			due = append(due, one)
		}
	}
	return due, err
}

// hour is the latest moment, up to now, at which digests go out in a zone.
func hour(now time.Time, zone *time.Location) time.Time {
	at := now.In(zone)
	due := time.Date(at.Year(), at.Month(), at.Day(), digestHour, 0, 0, 0, zone)
	if due.After(now) {
		due = time.Date(at.Year(), at.Month(), at.Day()-1, digestHour, 0, 0, 0, zone)
	}
	return due
}

func send(tx *store.Tx, of waiting) error {
	p, err := account.Load(tx, of.AccountID)
	if err != nil {
		return err
	}
	until := hour(tx.Now(), p.Zone())
	var rows []Entry
	held := tx.Where("company_id = ? AND organization_id = ? AND account_id = ? AND delivery = 'digest' AND digested_at IS NULL AND created_at < ?",
		of.CompanyID, of.OrganizationID, of.AccountID, models.At(until)).Order("created_at, id")
	if err := held.Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	for part := range slices.Chunk(ids, 500) {
		if err := tx.Model(&Entry{}).Where("company_id = ? AND id IN ?", of.CompanyID, part).Update("digested_at", models.At(tx.Now())).Error; err != nil {
			return err
		}
	}
	superusers, err := tenancy.Superusers(tx, of.CompanyID, of.OrganizationID)
	if err != nil || !slices.ContainsFunc(superusers, func(s account.Person) bool { return s.ID == p.ID }) {
		return err // it is no more his to know
	}
	host, err := tenancy.PartyOf(tx, of.CompanyID, of.OrganizationID)
	if err != nil {
		return err
	}
	content, err := digest(mail.PlaceOf(host), rows)
	if err != nil || len(content.Of) == 0 {
		return err
	}
	key := fmt.Sprintf("digest.%s.%s.%s", of.OrganizationID, p.ID, rows[0].ID)
	return mail.Queue(tx, mail.Draft{Company: of.CompanyID, Organization: of.OrganizationID, Key: key, To: p.Recipient(), Content: content})
}

// digest puts entries together by delegation, and entering and leaving of a
// visit into one line.
func digest(host mail.Place, rows []Entry) (mail.Digest, error) {
	d := mail.Digest{Host: host, From: rows[0].CreatedAt, To: rows[len(rows)-1].CreatedAt}
	lines := 0
	for _, row := range rows {
		content, err := row.Content()
		if err != nil {
			return d, err
		}
		of, line, is := lineOf(row, content)
		if !is {
			continue
		}
		at := slices.IndexFunc(d.Of, func(g mail.Digested) bool { return g.Delegation == of.Delegation })
		if at < 0 {
			d.Of = append(d.Of, mail.Digested{})
			at = len(d.Of) - 1
		}
		group := &d.Of[at]
		group.Delegated = of // as it was the last time
		same := slices.IndexFunc(group.Lines, func(l mail.DigestLine) bool { return line.Visit != "" && l.Visit == line.Visit })
		switch {
		case same >= 0:
			group.Lines[same] = line
		case lines == mostLines:
			d.More++
		default:
			group.Lines = append(group.Lines, line)
			lines++
		}
	}
	d.Of = slices.DeleteFunc(d.Of, func(g mail.Digested) bool { return len(g.Lines) == 0 })
	return d, nil
}

// lineOf is the line of a digest for what can stand in one.
func lineOf(row Entry, content mail.Content) (mail.Delegated, mail.DigestLine, bool) {
	switch c := content.(type) {
	case mail.Entered:
		return c.Delegated, mail.DigestLine{Kind: c.Kind(), At: c.At, Visit: c.Visit}, true
	case mail.Left:
		return c.Delegated, mail.DigestLine{Kind: c.Kind(), At: c.At, Visit: c.Visit, Entered: &c.Entered, Why: c.Why, Done: c.Done}, true
	case mail.Answered:
		return c.Delegated, mail.DigestLine{Kind: c.Kind(), At: row.CreatedAt, Yes: c.Accepted}, true
	case mail.TokenMade: // a line of its own beside that of its visit
		return c.Delegated, mail.DigestLine{Kind: c.Kind(), At: c.At, Name: c.Name}, true
	}
	return mail.Delegated{}, mail.DigestLine{}, false
}
