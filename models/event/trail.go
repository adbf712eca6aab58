package event

import (
	"context"
	"strings"

	"locum/models"
	"locum/models/store"
)

// Trail reads the audit trail.
type Trail struct{ store *store.Store }

// NewTrail opens the audit trail of a store.
func NewTrail(s *store.Store) *Trail { return &Trail{s} }

// Filter narrows a list of events. Empty fields do not narrow.
type Filter struct {
	Visit      string // id
	Delegation string // id
	Account    string // id of who acted
	Type       string // a type, or the part before its dot
	Text       string // in a person's or a thing's name
	Before     int64  // position: only older events
	Limit      int    // at most; models.PageSize when 0
}

// Organization lists events of the actor's organization, newest first.
func (t *Trail) Organization(ctx context.Context, by models.Actor, f Filter) ([]store.Event, error) {
	return t.list(ctx, by, models.ViewActivity, f)
}

// Company lists events of the actor's company and all its organizations,
// newest first.
func (t *Trail) Company(ctx context.Context, by models.Actor, f Filter) ([]store.Event, error) {
	return t.list(ctx, by, models.ViewCompanyActivity, f)
}

func (t *Trail) list(ctx context.Context, by models.Actor, need models.Permission, f Filter) (events []store.Event, err error) {
	err = t.store.Read(ctx, by, need, func(tx *store.Tx) error {
		events, err = List(tx, f)
		return err
	})
	return events, err
}

// List reads events as the transaction is confined, newest first.
func List(tx *store.Tx, f Filter) (events []store.Event, err error) {
	q := tx.Order("position DESC").Limit(models.PageSize)
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	for column, value := range map[string]string{"visit_id": f.Visit, "delegation_id": f.Delegation, "account_id": f.Account} {
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	if f.Type != "" {
		q = q.Where(`type = ? OR type LIKE ? ESCAPE '\'`, f.Type, literal(f.Type)+".%")
	}
	if f.Text != "" {
		like := "%" + literal(strings.ToLower(f.Text)) + "%"
		q = q.Where(`lower(account_name) LIKE ? ESCAPE '\' OR lower(subject_name) LIKE ? ESCAPE '\'`, like, like)
	}
	if f.Before > 0 {
		q = q.Where("position < ?", f.Before)
	}
	return events, q.Find(&events).Error
}

// literal keeps LIKE from reading a text's own signs.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
