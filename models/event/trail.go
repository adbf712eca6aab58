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

// Event is one row of the audit trail.
type Event = store.Event

// Filter narrows a list of events. Empty fields do not narrow.
type Filter struct {
	Visit      string   // id
	Delegation string   // id: what was done through it
	Subject    string   // id of the thing that it happened to
	Account    string   // id of who acted
	Type       string   // a type, or the part before its dot
	Types      []string // any of these, each as in Type
	Visits     bool     // only what was done through a delegation
	Text       string   // in a person's or a thing's name
	Before     int64    // position: only older events
	Limit      int      // at most; models.PageSize when 0
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
		if events, err = List(tx, f); err != nil {
			return err
		}
		if !tx.Actor.May(models.ManageMembers) && need.Level() != models.CompanyLevel {
			spare(events)
		}
		return nil
	})
	return events, err
}

// spare takes out what is for those alone who manage people: from which network
// somebody came, and in which session.
func spare(events []store.Event) {
	for i := range events {
		events[i].Address, events[i].SessionID = "", ""
	}
}

// List reads events as the transaction is confined, newest first.
func List(tx *store.Tx, f Filter) (events []store.Event, err error) {
	q := tx.Order("position DESC").Limit(models.PageSize)
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	for column, value := range map[string]string{"visit_id": f.Visit, "delegation_id": f.Delegation, "account_id": f.Account, "subject_id": f.Subject} {
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	types := f.Types
	if f.Type != "" {
		types = append([]string{f.Type}, types...)
	}
	if len(types) > 0 {
		condition, values := ofTypes(types)
		q = q.Where("("+condition+")", values...)
	}
	if f.Visits {
		q = q.Where("visit_id <> ''")
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

// ofTypes is the condition that an event has one of the types, or one whose part
// before the dot it is.
func ofTypes(types []string) (condition string, values []any) {
	each := make([]string, len(types))
	for i, t := range types {
		each[i] = `(type = ? OR type LIKE ? ESCAPE '\')`
		values = append(values, t, literal(t)+".%")
	}
	return strings.Join(each, " OR "), values
}

// literal keeps LIKE from reading a text's own signs.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
