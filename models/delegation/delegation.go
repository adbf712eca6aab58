package delegation

import (
	"slices"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// Delegation is the permission for one person to work in an organization for
// a while. It is bound to an account when he accepts it, with the mailbox
// proven; the names of his own organization are those of that moment.
type Delegation struct {
	CompanyID            string `gorm:"primaryKey"`
	OrganizationID       string
	ID                   string `gorm:"primaryKey"`
	Email                string
	Normal               string
	Language             string
	AccountID            string
	AccountName          string
	RealCompanyID        string
	RealOrganizationID   string
	RealOrganizationName string
	Period               Period
	StartsAt             models.Instant
	EndsAt               *models.Instant
	AllApplications      bool   // those that are not named come with it, also later ones
	NamedApplications    string // ids, separated by a space; see Opens
	Reason               string
	Ticket               string
	GrantedBy            string
	GrantedByName        string
	GrantedAt            models.Instant
	AcceptedAt           *models.Instant
	DeclinedAt           *models.Instant
	RevokedAt            *models.Instant
	RevokedBy            string
	RevokedByName        string
	SuspendedAt          *models.Instant
	SuspendReason        string
	ExpiryRecordedAt     *models.Instant
	ApprovalDue          *models.Instant // it waits for another superuser until then; nil once it is given
	ApprovedAt           *models.Instant
	ApprovedBy           string
	ApprovedByName       string
	Unapproved           Outcome // why it was never given; RevokedAt says since when
	FirmID               string  // the Firm that named him, or empty
	NamedID              string  // the account that it named: no other can accept
	Version              int64   // rises at each change
	Living
}

// TableName is the table of delegations.
func (Delegation) TableName() string { return "delegations" }

// Given is one role of a delegation.
type Given struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string
	DelegationID   string `gorm:"primaryKey"`
	RoleID         string `gorm:"primaryKey"`
	ApplicationID  string
}

// TableName is the table of roles in delegations.
func (Given) TableName() string { return "delegation_roles" }

// Why a delegation is suspended.
const (
	Redundant = "redundant" // he became a member; it does not revive by itself
	Offboard  = "offboard"  // his own company closed his account
)

// Active says whether the delegation lets its account in at a moment. It is
// the one definition: everything that asks, asks it.
func (d Delegation) Active(now time.Time) bool {
	return d.ApprovalDue == nil && d.AccountID != "" && d.AcceptedAt != nil && d.RevokedAt == nil && d.SuspendedAt == nil && d.DeclinedAt == nil &&
		!now.Before(d.StartsAt.Time) && (d.EndsAt == nil || now.Before(d.EndsAt.Time))
}

// Over says whether it has ended for good.
func (d Delegation) Over(now time.Time) bool {
	if d.ApprovalDue != nil { // its period moves with the approval
		return d.RevokedAt != nil || !now.Before(d.ApprovalDue.Time)
	}
	return d.RevokedAt != nil || d.DeclinedAt != nil || d.EndsAt != nil && !now.Before(d.EndsAt.Time)
}

// Status is the state of a delegation in one word.
type Status string

// The statuses, as screens show them.
const (
	Invited   Status = "invited"
	Upcoming  Status = "upcoming"
	Running   Status = "active"
	Expiring  Status = "expiring"
	OpenEnded Status = "open"
	Expired   Status = "expired"
	Revoked   Status = "revoked"
	Declined  Status = "declined"
	Suspended Status = "suspended"
	Proposed  Status = "proposed" // another superuser has to approve it
	Rejected  Status = "rejected" // he did not
	Lapsed    Status = "lapsed"   // nobody did in time
)

// Status says where the delegation stands at a moment. Expiring means that
// less than a fifth of its time, and less than two days, are left.
func (d Delegation) Status(now time.Time) Status {
	switch {
	case d.Unapproved == WasRejected:
		return Rejected
	case d.Unapproved == HasLapsed || d.ApprovalDue != nil && d.Over(now):
		return Lapsed
	case d.RevokedAt != nil:
		return Revoked
	case d.ApprovalDue != nil:
		return Proposed
	case d.DeclinedAt != nil:
		return Declined
	case d.EndsAt != nil && !now.Before(d.EndsAt.Time):
		return Expired
	case d.SuspendedAt != nil:
		return Suspended
	case d.AcceptedAt == nil:
		return Invited
	case now.Before(d.StartsAt.Time):
		return Upcoming
	case d.EndsAt == nil:
		return OpenEnded
	}
	left := d.EndsAt.Sub(now)
	if left < 48*time.Hour && left < d.EndsAt.Sub(d.StartsAt.Time)/5 {
		return Expiring
	}
	return Running
}

// Person is what to call the consultant: his name, or the address that was
// invited while nobody accepted.
func (d Delegation) Person() string {
	if d.AccountName != "" {
		return d.AccountName
	}
	return d.Email
}

// EndReason is why visits under it end now, given that it is not active.
func (d Delegation) EndReason(now time.Time) LeaveReason {
	switch d.Status(now) {
	case Expired:
		return ByExpiry
	case Suspended:
		return BySuspension
	}
	return ByRevocation
}

// GivenBack says that its consultant ended it himself.
func (d Delegation) GivenBack() bool {
	return d.RevokedAt != nil && d.AccountID != "" && d.RevokedBy == d.AccountID
}

// MayEnter says whether a delegation in this state lets its consultant in.
func (s Status) MayEnter() bool { return s == Running || s == Expiring || s == OpenEnded }

// NeedsAttention says whether a superuser has to look at a delegation in this
// state: it ends soon, or it waits for his approval or confirmation.
func (s Status) NeedsAttention() bool { return s == Expiring || s == Suspended || s == Proposed }

// Ended says whether a delegation in this state is over for good.
func (s Status) Ended() bool {
	return s == Expired || s == Revoked || s == Declined || s == Rejected || s == Lapsed
}

// Details is a delegation with what screens show beside it.
type Details struct {
	Delegation
	Roles     []tenancy.Role // in the organization and in applications
	RoleNames []string       // of Roles, each with its application
	Firm      models.Party   // the consultant's own organization, once he accepted
	Visits    []Visit        // newest first
	Present   bool           // there is a visit now
	Undecided bool           // another superuser has to decide something about it
	Waiting   *Pending       // what another superuser has to decide about it; of one delegation alone
	Prospect  Prospect       // what its consultant sees; of one delegation alone
	Address   string         // of its consultant, where it is another by now; of Get alone
}

// VisitTime is how long all visits took together, up to now.
func (d Details) VisitTime(now time.Time) (total time.Duration) {
	for _, v := range d.Visits {
		total += v.Length(now)
	}
	return total
}

// Last is the newest visit; false when there was none.
func (d Details) Last() (Visit, bool) {
	if len(d.Visits) == 0 {
		return Visit{}, false
	}
	return d.Visits[0], true
}

// RolesOf reads the roles of delegations, by delegation. It runs confined to
// the host, or in a System transaction.
func RolesOf(tx *store.Tx, reg tenancy.Registry, ids ...string) (map[string][]tenancy.Role, error) {
	roles := map[string][]tenancy.Role{}
	for part := range slices.Chunk(ids, 500) {
		var given []Given
		if err := tx.Where("delegation_id IN ?", part).Find(&given).Error; err != nil {
			return nil, err
		}
		for _, g := range given {
			role, _ := reg.Named(g.RoleID)
			roles[g.DelegationID] = append(roles[g.DelegationID], role)
		}
	}
	for _, list := range roles {
		slices.SortFunc(list, func(a, b tenancy.Role) int {
			return slices.Index(reg.RoleOrder, a.ID) - slices.Index(reg.RoleOrder, b.ID)
		})
	}
	return roles, nil
}

// RoleNames names roles for people, each with its application: "Member",
// "Planning: Editor".
func RoleNames(reg tenancy.Registry, roles []tenancy.Role) []string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
		if a, there := reg.Applications[r.ApplicationID]; there {
			names[i] = a.Name + ": " + r.Name
		}
	}
	return names
}

// facts are what each mail about the delegation says. It runs in a System
// transaction.
func facts(tx *store.Tx, d Delegation) (mail.Delegated, error) {
	host, err := tenancy.PartyOf(tx, d.CompanyID, d.OrganizationID)
	if err != nil {
		return mail.Delegated{}, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return mail.Delegated{}, err
	}
	roles, err := RolesOf(tx, reg, d.ID)
	if err != nil {
		return mail.Delegated{}, err
	}
	m := mail.Delegated{Delegation: d.ID, Host: mail.PlaceOf(host), Person: d.Person(), Email: d.Email, GivenBy: d.GrantedByName,
		Reason: d.Reason, Ticket: d.Ticket, Starts: d.StartsAt, Ends: d.EndsAt}
	m.Roles = RoleNames(reg, roles[d.ID])
	if d.RealOrganizationID != "" {
		firm, err := tenancy.PartyOf(tx, d.RealCompanyID, d.RealOrganizationID)
		if err != nil && models.KindOf(err) != models.NotFound {
			return m, err
		}
		firm.Name = d.RealOrganizationName // as it was called when he accepted
		m.Firm = mail.PlaceOf(firm)
	}
	return m, nil
}

// Facts are what mails say of a delegation, for what is done through it. It runs in
// a System transaction.
func Facts(tx *store.Tx, company, id string) (mail.Delegated, error) {
	var d Delegation
	if err := tx.Where("company_id = ? AND id = ?", company, id).Take(&d).Error; err != nil {
		return mail.Delegated{}, err
	}
	return facts(tx, d)
}

// tell tells each superuser of the host of something about a delegation, and,
// where content for him is given, the consultant. Those excepted did it: it
// stands in their inbox alone.
func tell(tx *store.Tx, d Delegation, key string, content mail.Content, consultant mail.Content, except ...string) error {
	return tx.Across("mails about a delegation", func(tx *store.Tx) error {
		if _, err := notice.Tell(tx, notice.News{Company: d.CompanyID, Organization: d.OrganizationID, Delegation: d.ID,
			Key: key, Content: content, Except: except}); err != nil {
			return err
		}
		if consultant == nil {
			return nil
		}
		to, err := consultantOf(tx, d)
		if err != nil {
			return err
		}
		return queue(tx, d, key+".consultant", to, consultant)
	})
}

func queue(tx *store.Tx, d Delegation, key string, to mail.Recipient, content mail.Content) error {
	return mail.Queue(tx, mail.Draft{Company: d.CompanyID, Organization: d.OrganizationID, Key: key, To: to, Content: content})
}

// consultantOf is where the consultant gets mail: his account's address once
// he accepted, and until then the one that was invited.
func consultantOf(tx *store.Tx, d Delegation) (mail.Recipient, error) {
	if d.AccountID == "" {
		return mail.Recipient{Email: d.Email, Language: d.Language}, nil
	}
	p, err := account.Load(tx, d.AccountID)
	return p.Recipient(), err
}
