package delegation

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// Visit is one stay in a host, from entering to leaving, of one session.
type Visit struct {
	CompanyID            string `gorm:"primaryKey"`
	OrganizationID       string
	ID                   string `gorm:"primaryKey"`
	DelegationID         string
	AccountID            string
	AccountName          string
	SessionID            string
	RealCompanyID        string
	RealOrganizationID   string
	RealOrganizationName string
	EnteredAt            models.Instant
	LastSeenAt           models.Instant
	LeftAt               *models.Instant
	LeaveReason          LeaveReason
	Origin               string // browser, system and network, by which another is strange
	HeldBy               string // what the host's wishes kept it from going on by so far, separated by commas
}

// TableName is the table of visits.
func (Visit) TableName() string { return "visits" }

// Length is how long the visit took, up to now when it goes on.
func (v Visit) Length(now time.Time) time.Duration {
	if v.LeftAt != nil {
		return v.LeftAt.Sub(v.EnteredAt.Time)
	}
	return now.Sub(v.EnteredAt.Time)
}

// LeaveReason says why a visit ended.
type LeaveReason string

// The reasons.
const (
	SwitchedBack LeaveReason = "back"
	SwitchedOn   LeaveReason = "switched"
	SignedOut    LeaveReason = "sign_out"
	SessionEnded LeaveReason = "session"
	Idle         LeaveReason = "idle"
	ByExpiry     LeaveReason = "expired"
	ByRevocation LeaveReason = "revoked"
	ByGivingBack LeaveReason = "given_back"
	BySuspension LeaveReason = "suspended"
	Closed       LeaveReason = "closed" // the account or the organization was
	ByHost       LeaveReason = "host"   // a superuser ended this visit, and nothing else
)

// Enter begins a visit for a session, in the transaction that switches it: the
// visit, its events and its mails stand or fall together. The caller holds the
// delegation's lock and has seen that it is active.
func Enter(tx *store.Tx, d Delegation, host models.Party, by models.Actor) (Visit, int, error) {
	now := models.At(tx.Now())
	v := Visit{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, ID: models.NewID("vis"), DelegationID: d.ID,
		AccountID: by.Account, AccountName: by.Name, SessionID: by.Session,
		RealCompanyID: by.Real.Company, RealOrganizationID: by.Real.Organization, RealOrganizationName: by.Real.Name,
		EnteredAt: now, LastSeenAt: now}
	seen, err := newcomer(tx, &v, by.Address)
	if err != nil {
		return v, 0, err
	}
	if err := tx.Create(&v).Error; err != nil {
		return v, 0, err
	}
	actor := by
	actor.Effective, actor.Delegation, actor.Visit = host, d.ID, v.ID
	record(tx, v, host, actor, event.VisitEntered, event.AwayEntered, nil)
	f, err := facts(tx, d)
	if err != nil {
		return v, 0, err
	}
	told, err := tellVisit(tx, v, "entered", mail.Entered{Delegated: f, Visit: v.ID, At: now, Address: by.Address,
		First: seen.first, Strange: seen.strange, Silent: seen.silent, Device: seen.device})
	return v, told, err
}

// record leaves the event of a visit with the host, and with the consultant's
// own organization that of his going and coming, and nothing else of it.
func record(tx *store.Tx, v Visit, host models.Party, actor models.Actor, kind, away string, data map[string]any) {
	at := v.EnteredAt
	if v.LeftAt != nil {
		at = *v.LeftAt
	}
	tx.Record(kind, store.About{ID: v.ID, Name: v.AccountName, Company: v.CompanyID, Organization: v.OrganizationID, As: &actor, At: &at, Data: data})
	if v.RealCompanyID != "" {
		tx.Record(away, store.About{ID: v.ID, Name: host.Name, Company: v.RealCompanyID, Organization: v.RealOrganizationID, As: &actor, At: &at})
	}
	tx.Notify("session:"+v.SessionID, "account:"+v.AccountID, "organization:"+v.OrganizationID)
}

// tellVisit tells each superuser of the host of a visit, its mails in one thread,
// and says how many there are. Each is unique by visit, event and recipient.
func tellVisit(tx *store.Tx, v Visit, kind string, content mail.Content) (int, error) {
	return notice.Tell(tx, notice.News{Company: v.CompanyID, Organization: v.OrganizationID, Delegation: v.DelegationID, Visit: v.ID,
		Key: "visit." + kind + "." + v.ID, Content: content})
}

// End closes a visit, once: who comes second changes nothing. at is when it
// ended; where the delegation ran out before, that is the end and the reason,
// however late this runs and whoever noticed. It runs in a System transaction.
//
// The session is locked before the visit, as everything does that touches
// both: delegation, session, visit is the order.
func End(tx *store.Tx, v Visit, why LeaveReason, at time.Time) error {
	var d Delegation
	if err := tx.Where("company_id = ? AND id = ?", v.CompanyID, v.DelegationID).Take(&d).Error; err != nil {
		return err
	}
	if d.EndsAt != nil && d.EndsAt.Before(at) {
		why, at = ByExpiry, d.EndsAt.Time
	}
	var s account.Session
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", v.SessionID).Take(&s).Error
	if err != nil && !store.Missing(err) {
		return err
	}
	left := models.At(at)
	if left.Before(v.EnteredAt.Time) {
		left = v.EnteredAt
	}
	closed := tx.Model(&Visit{}).Where("company_id = ? AND id = ? AND left_at IS NULL", v.CompanyID, v.ID).
		Updates(map[string]any{"left_at": left, "leave_reason": why})
	if closed.Error != nil || closed.RowsAffected == 0 {
		return closed.Error
	}
	v.LeftAt, v.LeaveReason = &left, why
	if s.VisitID == v.ID { // its forms become stale
		if err := tx.Model(&account.Session{}).Where("id = ?", s.ID).Update("epoch", s.Epoch+1).Error; err != nil {
			return err
		}
	}
	done, err := summary(tx, v)
	if err != nil {
		return err
	}
	host, err := tenancy.PartyOf(tx, v.CompanyID, v.OrganizationID)
	if err != nil {
		return err
	}
	record(tx, v, host, visitor(tx, v, host), event.VisitLeft, event.AwayLeft, map[string]any{"why": why, "seconds": int64(v.Length(at).Seconds())})
	f, err := facts(tx, d)
	if err != nil {
		return err
	}
	_, err = tellVisit(tx, v, "left", mail.Left{Delegated: f, Visit: v.ID, Entered: v.EnteredAt, At: left, Why: string(why), Done: done})
	return err
}

// visitor is the consultant as the one who acted, also when a sweep or a
// superuser ended his visit.
func visitor(tx *store.Tx, v Visit, host models.Party) models.Actor {
	by := models.Actor{Account: v.AccountID, Name: v.AccountName, Session: v.SessionID, Delegation: v.DelegationID, Visit: v.ID,
		Real:      models.Party{Company: v.RealCompanyID, Organization: v.RealOrganizationID, Name: v.RealOrganizationName, Hue: 1},
		Effective: host, Channel: tx.Actor.Channel, Address: tx.Actor.Address}
	if real, err := tenancy.PartyOf(tx, v.RealCompanyID, v.RealOrganizationID); err == nil {
		by.Real.Hue = real.Hue
	}
	if tx.Actor.Account != v.AccountID {
		by.Channel, by.Address = models.Job, ""
	}
	return by
}

// summary counts what was done in a visit, by type of event, most first.
func summary(tx *store.Tx, v Visit) ([]mail.Line, error) {
	var rows []mail.Line
	err := tx.Model(&store.Event{}).Select("type, count(*) AS count").
		Where("company_id = ? AND visit_id = ? AND type NOT IN ?", v.CompanyID, v.ID, []string{event.VisitEntered, event.VisitLeft}).
		Group("type").Find(&rows).Error
	slices.SortFunc(rows, func(a, b mail.Line) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Type, b.Type))
	})
	return rows, err
}

// endVisits closes every open visit under a delegation, in a System
// transaction.
func endVisits(tx *store.Tx, d Delegation, why LeaveReason, at time.Time) error {
	var open []Visit
	if err := tx.Where("company_id = ? AND delegation_id = ? AND left_at IS NULL", d.CompanyID, d.ID).Order("id").Find(&open).Error; err != nil {
		return err
	}
	for _, v := range open {
		if err := End(tx, v, why, at); err != nil {
			return err
		}
	}
	return nil
}
