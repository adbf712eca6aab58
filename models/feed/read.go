package feed

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/event"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// The most that one page of events holds, and what it holds when nobody asks.
const (
	MostEvents  = 500
	UsualEvents = 100
)

// Page is a part of a company's events, the oldest first. Who reads on after
// Next misses none and is given none twice.
type Page struct {
	Data []json.RawMessage `json:"data"`
	Next string            `json:"next"`     // the cursor to go on from
	More bool              `json:"has_more"` // there are further ones already
}

// Query narrows what is read. After is a cursor, empty for the beginning;
// Types are types or families, empty for all; Limit is UsualEvents when 0.
type Query struct {
	After string
	Types []string
	Limit int
}

// Feed reads events for machines.
type Feed struct {
	store       *store.Store
	keys        *secret.Keys
	environment string
	called      func(company, organization string)
}

// EachCall has something told of each call that a token opened: of which company, and
// of which organization where the token is of one. It must not take long. It is said
// while the program is put together.
func (f *Feed) EachCall(do func(company, organization string)) { f.called = do }

// Count tells EachCall of a call of an actor, wherever his token is from. What is asked
// again under a key of the first time is the same call.
func (f *Feed) Count(by models.Actor) { f.called(by.Effective.Company, by.Effective.Organization) }

// New opens the feed of a store. It derives the installation's id from its
// keys, so that it is the same on every replica. Tokens end with what their maker
// had in the company.
func New(s *store.Store, keys *secret.Keys) (*Feed, error) {
	s.React(event.Offboarded, offboard)
	for _, kind := range keyed {
		s.React(kind, func(tx *store.Tx, about store.About) error { return keepKey(tx, kind, about) })
	}
	id, err := Environment(keys)
	return &Feed{store: s, keys: keys, environment: id, called: func(string, string) {}}, err
}

// Environment is the id of the installation in every body.
func Environment(keys *secret.Keys) (string, error) {
	raw, err := keys.Derive("environment", 16)
	if err != nil {
		return "", err
	}
	const digits = "0123456789abcdef"
	var b strings.Builder
	b.WriteString("env_")
	for _, octet := range raw {
		b.WriteByte(digits[octet>>4])
		b.WriteByte(digits[octet&15])
	}
	return b.String(), nil
}

// Events gives a page of the events of the company that a token belongs to.
func (f *Feed) Events(ctx context.Context, token string, q Query) (page Page, err error) {
	after, kinds, err := q.check()
	if err != nil {
		return page, err
	}
	err = f.read(ctx, token, ReadEvents, func(tx *store.Tx, by Token) error {
		// The head is read first: what is written meanwhile is for the next page.
		head, err := Head(tx, by.CompanyID)
		if err != nil {
			return err
		}
		names, err := f.names(tx)
		if err != nil {
			return err
		}
		return tx.Within(by.CompanyID, func(tx *store.Tx) error {
			page, err = read(tx, after, head, kinds, q.Limit, names)
			return err
		})
	})
	return page, err
}

func (q *Query) check() (after int64, kinds []string, err error) {
	wrong := models.FieldErrors{}
	if q.After != "" {
		if after, err = strconv.ParseInt(q.After, 10, 64); err != nil || after < 0 {
			wrong.Add("after", "feed.error.cursor")
		}
	}
	var ok bool
	if kinds, ok = Expand(q.Types); !ok {
		wrong.Add("type", "feed.error.type")
	}
	if q.Limit == 0 {
		q.Limit = UsualEvents
	}
	if q.Limit < 1 || q.Limit > MostEvents {
		wrong.Add("limit", "feed.error.limit", "Most", MostEvents)
	}
	return after, kinds, wrong.Err()
}

// Head is the position of the newest event of a stream, in a System
// transaction. Positions follow the order of commit: every event up to it can be
// read, and none can come to stand before it later.
func Head(tx *store.Tx, stream string) (int64, error) {
	var rows []struct{ Last int64 }
	err := tx.Table("event_positions").Where("company_id = ?", stream).Select("last").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Last, nil
}

// Rows are events of some types behind a position, the oldest first, as the
// transaction is confined.
func Rows(tx *gorm.DB, after, head int64, kinds []string, limit int) (rows []store.Event, err error) {
	q := tx.Where("position > ? AND position <= ?", after, head)
	if len(kinds) < len(Types) {
		q = q.Where("type IN ?", kinds)
	}
	return rows, q.Order("position").Limit(limit).Find(&rows).Error
}

func read(tx *store.Tx, after, head int64, kinds []string, limit int, names Names) (Page, error) {
	page := Page{Data: []json.RawMessage{}, Next: strconv.FormatInt(max(after, head), 10)}
	rows, err := Rows(tx.DB, after, head, kinds, limit+1)
	if err != nil {
		return page, err
	}
	if page.More = len(rows) > limit; page.More {
		rows = rows[:limit]
		page.Next = strconv.FormatInt(rows[limit-1].Position, 10)
	}
	for _, row := range rows {
		body, err := Body(row, names)
		if err != nil {
			return page, err
		}
		page.Data = append(page.Data, body)
	}
	return page, nil
}

// names are what bodies call things.
func (f *Feed) names(tx *store.Tx) (Names, error) { return NamesOf(tx, f.environment) }

// NamesOf reads what bodies call things.
func NamesOf(tx *store.Tx, environment string) (Names, error) {
	var roles []tenancy.Role
	names := Names{Environment: environment, Roles: map[string]string{}}
	err := tx.Find(&roles).Error
	for _, r := range roles {
		names.Roles[r.ID] = r.Name
	}
	return names, err
}

// read runs a part of the API in the name of a token, which is looked at anew
// each time. It notes when a token was used, once a minute.
func (f *Feed) read(ctx context.Context, token string, need Scope, do func(*store.Tx, Token) error) error {
	var by Token
	err := f.store.SystemRead(ctx, "a machine reads", func(tx *store.Tx) (err error) {
		if by, err = tokenOf(tx, token, need); err != nil {
			return err
		}
		return do(tx, by)
	})
	if err != nil {
		return err
	}
	f.called(by.CompanyID, by.OrganizationID)
	return f.used(ctx, by)
}

// used notes that a token was used: when, once a minute.
func (f *Feed) used(ctx context.Context, by Token) error {
	if !by.stale(f.store.Now()) {
		return nil
	}
	return f.store.System(ctx, "note that a token was used", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Model(&Token{}).Where("company_id = ? AND id = ?", by.CompanyID, by.ID).Update("last_used_at", models.At(tx.Now())).Error
	})
}
