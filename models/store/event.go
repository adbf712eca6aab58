package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"locum/models"
)

// Platform stands in place of a company's id for what belongs to none.
const Platform = "platform"

// Refused is the type of the event that a refusal leaves.
const Refused = "access.refused"

// Event is one row of the audit trail.
type Event struct {
	CompanyID                 string `gorm:"primaryKey"`
	Position                  int64  `gorm:"primaryKey;autoIncrement:false"`
	ID                        string
	OrganizationID            string
	Type                      string
	OccurredAt                models.Instant
	AccountID                 string
	AccountName               string
	RealCompanyID             string
	RealOrganizationID        string
	RealOrganizationName      string
	RealHue                   int
	EffectiveOrganizationID   string
	EffectiveOrganizationName string
	EffectiveHue              int
	DelegationID              string
	VisitID                   string
	SessionID                 string
	ApplicationID             string
	Channel                   string
	Address                   string
	SubjectID                 string
	SubjectName               string
	Data                      string
}

// eventColumns is how many columns an event has.
const eventColumns = 24

// TableName is the table of events.
func (Event) TableName() string { return "events" }

// About says what an event is about.
type About struct {
	ID   string         // of the thing
	Name string         // of the thing, as it was then
	Data map[string]any // further facts

	// Company and Organization are where the event belongs; when empty, where
	// the transaction is confined to, or else the actor's effective party.
	Company, Organization string
	// As is who acted, when that is not the transaction's actor: a sweep ends
	// the visit of a consultant.
	As *models.Actor
	// At is when it happened, when that is not now.
	At *models.Instant
}

type record struct {
	kind  string
	about About
	id    string // empty for one of its own
}

// Record leaves an event in the audit trail with this transaction.
func (tx *Tx) Record(kind string, about About) {
	if about.Company == "" {
		about.Company, about.Organization = tx.wall.company, cmp.Or(about.Organization, tx.wall.organization)
	}
	if about.Company == "" && tx.Actor.Effective.Company != "" && tx.wall.account == "" {
		about.Company, about.Organization = tx.Actor.Effective.Company, tx.Actor.Effective.Organization
	}
	if about.Company == "" && !tx.Actor.Real.None() {
		about.Company, about.Organization = tx.Actor.Real.Company, tx.Actor.Real.Organization
	}
	if about.Company == "" {
		about.Company = Platform
	}
	tx.records = append(tx.records, record{kind: kind, about: about})
}

// Reaction is what one part of the domain does when another recorded an event,
// in the same transaction and without its confinement.
type Reaction func(tx *Tx, about About) error

// Reactions is a Reaction to all events of a type at once, in their order: for
// types of which one transaction may record thousands.
type Reactions func(tx *Tx, about []About) error

// React adds a reaction to a type of event. It is called while the program is
// put together, before the first transaction.
func (s *Store) React(kind string, do Reaction) {
	s.ReactAll(kind, func(tx *Tx, about []About) error {
		for _, one := range about {
			if err := do(tx, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReactAll is React for reactions that take all events of a type together.
func (s *Store) ReactAll(kind string, do Reactions) {
	s.reactions[kind] = append(s.reactions[kind], do)
}

// Settlement is what follows once from all events of some types that a
// transaction recorded.
type Settlement func(tx *Tx, about []About) error

// settlement is one with its types.
type settlement struct {
	kinds []string
	do    Settlement
}

// Once adds what is done once at the end of a transaction that recorded events
// of these types, after every reaction and without its confinement: for what is
// counted, and would else be counted for each. A transaction that records none
// of them pays nothing. It is called while the program is put together.
func (s *Store) Once(do Settlement, kinds ...string) {
	s.settlements = append(s.settlements, settlement{kinds, do})
}

// react runs the reactions, also those to what reactions record.
func (tx *Tx) react() error {
	for seen := 0; seen < len(tx.records); {
		var kinds []string
		fresh := map[string][]About{}
		for _, r := range tx.records[seen:] {
			if _, there := fresh[r.kind]; !there {
				kinds = append(kinds, r.kind)
			}
			fresh[r.kind] = append(fresh[r.kind], r.about)
		}
		seen = len(tx.records)
		for _, kind := range kinds {
			for _, do := range tx.store.reactions[kind] {
				if err := do(tx, fresh[kind]); err != nil {
					return fmt.Errorf("store: reaction to %s: %w", kind, err)
				}
			}
		}
	}
	return tx.settle()
}

// settle runs the settlements. What they record has no reactions.
func (tx *Tx) settle() error {
	for _, s := range tx.store.settlements {
		var about []About
		for _, r := range tx.records {
			if slices.Contains(s.kinds, r.kind) {
				about = append(about, r.about)
			}
		}
		if len(about) == 0 {
			continue
		}
		if err := s.do(tx, about); err != nil {
			return fmt.Errorf("store: settlement of %s: %w", strings.Join(s.kinds, ", "), err)
		}
	}
	return nil
}

// writeEvents gives each event its position. The counter of a company is
// locked until commit, so that positions follow the order of commit; several
// are locked in the order of their ids, so that two writers cannot wait for
// each other.
func (tx *Tx) writeEvents() error {
	if tx.formEvent != "" && len(tx.records) > 0 {
		tx.records[0].id = tx.formEvent
	}
	slices.SortStableFunc(tx.records, func(a, b record) int { return cmp.Compare(a.about.Company, b.about.Company) })
	for start := 0; start < len(tx.records); {
		end := start
		for end < len(tx.records) && tx.records[end].about.Company == tx.records[start].about.Company {
			end++
		}
		if err := tx.writeEventsOf(tx.records[start].about.Company, tx.records[start:end]); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func (tx *Tx) writeEventsOf(company string, records []record) error {
	var last int64
	const next = `INSERT INTO event_positions (company_id, last) VALUES ($1, $2)
		ON CONFLICT (company_id) DO UPDATE SET last = event_positions.last + $2 RETURNING last`
	if err := tx.sql.QueryRowContext(tx.ctx, next, company, len(records)).Scan(&last); err != nil {
		return fmt.Errorf("store: event position: %w", err)
	}
	rows := make([]Event, len(records))
	for i, r := range records {
		row, err := tx.event(r)
		if err != nil {
			return err
		}
		row.Position = last - int64(len(records)-1-i)
		rows[i] = row
	}
	if err := tx.store.session(tx).CreateInBatches(&rows, tx.RowsAtOnce(eventColumns)).Error; err != nil {
		if tx.formEvent != "" && Duplicate(err) { // sent twice at the same time
			return formUsed()
		}
		return fmt.Errorf("store: events: %w", err)
	}
	return nil
}

func (tx *Tx) event(r record) (Event, error) {
	by := tx.Actor
	if r.about.As != nil {
		by = *r.about.As
	}
	facts := map[string]any{}
	maps.Copy(facts, tx.remarks)
	maps.Copy(facts, r.about.Data)
	if m := by.Mandate; m != nil && r.about.Company == by.Effective.Company { // by what he could
		facts["mandate"], facts["mandate_kind"], facts["mandate_by"] = m.ID, m.Kind, m.ByName
	}
	if by.BreakGlass != nil {
		facts["break_glass"] = true
	}
	data, err := json.Marshal(facts)
	if err != nil {
		return Event{}, fmt.Errorf("store: event %s: %w", r.kind, err)
	}
	if by.Visiting() && elsewhere(r.about, by.Effective) && elsewhere(r.about, by.Real) {
		by.Effective, by.Delegation, by.Visit = by.Real, "", "" // no host learns of another
	}
	at := models.At(tx.at)
	if r.about.At != nil {
		at = *r.about.At
	}
	return Event{
		CompanyID: r.about.Company, ID: cmp.Or(r.id, models.NewID("evt")), OrganizationID: r.about.Organization, Type: r.kind, OccurredAt: at,
		AccountID: by.Account, AccountName: by.Name,
		RealCompanyID: by.Real.Company, RealOrganizationID: by.Real.Organization, RealOrganizationName: by.Real.Label(), RealHue: by.Real.Hue,
		EffectiveOrganizationID: by.Effective.Organization, EffectiveOrganizationName: by.Effective.Label(), EffectiveHue: by.Effective.Hue,
		DelegationID: by.Delegation, VisitID: by.Visit, SessionID: by.Session, ApplicationID: by.Application,
		Channel: string(by.Channel), Address: by.Address, SubjectID: r.about.ID, SubjectName: r.about.Name, Data: string(data),
	}, nil
}

// elsewhere says whether an event belongs to another than a party.
func elsewhere(about About, p models.Party) bool {
	return about.Company != p.Company || about.Organization != "" && about.Organization != p.Organization
}

// recordRefusal leaves the trace of a write that was not allowed, after its
// transaction is gone.
// The same refusal of the same session is recorded once a minute: the trail is
// for people, and must not be filled up by who is refused.
func (s *Store) recordRefusal(ctx context.Context, r *refusal) error {
	if s.recordedLately(r.actor.Session + " " + string(r.need)) {
		return nil
	}
	return s.System(ctx, "record a refusal", func(tx *Tx) error {
		tx.Actor = r.actor
		tx.Record(Refused, About{Data: map[string]any{"permission": r.need},
			Company: cmp.Or(r.actor.Effective.Company, Platform), Organization: r.actor.Effective.Organization})
		return nil
	})
}

// recordedLately says whether a refusal was recorded within the last minute,
// and notes that it is being recorded now.
func (s *Store) recordedLately(key string) bool {
	s.refusalsMu.Lock()
	defer s.refusalsMu.Unlock()
	now := s.now()
	if last, there := s.refusals[key]; there && now.Sub(last) < time.Minute {
		return true
	}
	if len(s.refusals) > 10_000 {
		clear(s.refusals)
	}
	s.refusals[key] = now
	return false
}
