package delegation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// Firm is what an organization gives to a whole firm: its managers name the
// people, up to a number. Each of them has a Delegation of his own that points
// here, with these roles and this end.
type Firm struct {
	CompanyID       string `gorm:"primaryKey"`
	OrganizationID  string
	ID              string `gorm:"primaryKey"`
	FirmCompanyID   string
	FirmName        string // as it was called when it was given
	FirmDomain      string // the verified one by which it was found
	People          int    // how many it may name at a time
	Period          Period
	StartsAt        models.Instant
	EndsAt          *models.Instant
	AllApplications bool
	Reason          string
	Ticket          string
	GrantedBy       string
	GrantedByName   string
	GrantedAt       models.Instant
	ApprovedAt      *models.Instant // by another superuser, or at once where the host wants none
	ApprovedBy      string
	ApprovedByName  string
	EndedAt         *models.Instant
	EndedBy         string
	EndedByName     string
	Version         int64 // rises at each change
	FirmLiving
}

// TableName is the table of delegations to firms.
func (Firm) TableName() string { return "firm_delegations" }

// FirmRole is one role of a delegation to a firm.
type FirmRole struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string
	FirmID         string `gorm:"primaryKey"`
	RoleID         string `gorm:"primaryKey"`
	ApplicationID  string
}

// TableName is the table of roles in delegations to firms.
func (FirmRole) TableName() string { return "firm_delegation_roles" }

// Veto is a person whom the host does not want of a firm. He cannot be named
// again until it is lifted.
type Veto struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string
	FirmID         string `gorm:"primaryKey"`
	AccountID      string `gorm:"primaryKey"`
	AccountName    string
	VetoedBy       string
	VetoedByName   string
	VetoedAt       models.Instant
}

// TableName is the table of vetoes.
func (Veto) TableName() string { return "firm_vetoes" }

// FirmStatus is the state of a delegation to a firm in one word.
type FirmStatus string

// The statuses, as screens show them.
const (
	FirmWaiting   FirmStatus = "waiting" // for another superuser
	FirmLapsed    FirmStatus = "lapsed"  // nobody approved it
	FirmUpcoming  FirmStatus = "upcoming"
	FirmRunning   FirmStatus = "running"
	FirmSuspended FirmStatus = "suspended" // nobody confirmed that it goes on
	FirmExpired   FirmStatus = "expired"
	FirmEnded     FirmStatus = "ended"
)

// Status says where it stands at a moment.
func (f Firm) Status(now time.Time) FirmStatus {
	switch {
	case f.EndedAt != nil:
		return FirmEnded
	case f.ApprovedAt == nil && !now.Before(f.Lapses().Time):
		return FirmLapsed
	case f.ApprovedAt == nil: // its period moves with the approval
		return FirmWaiting
	case f.EndsAt != nil && !now.Before(f.EndsAt.Time):
		return FirmExpired
	case f.SuspendedAt != nil:
		return FirmSuspended
	case now.Before(f.StartsAt.Time):
		return FirmUpcoming
	}
	return FirmRunning
}

// Lapses is when a proposal that nobody approved is over: with its last day at
// the latest.
func (f Firm) Lapses() models.Instant {
	return models.At(due(f.GrantedAt.Time, Delegation{Period: f.Period, EndsAt: f.EndsAt}))
}

// Over says that it has ended for good.
func (s FirmStatus) Over() bool { return s == FirmEnded || s == FirmExpired || s == FirmLapsed }

// MayName says whether the firm may name people in this state.
func (s FirmStatus) MayName() bool { return s == FirmRunning || s == FirmUpcoming }

// FirmDetails is a delegation to a firm with what screens show beside it.
type FirmDetails struct {
	Firm
	RoleNames []string  // each with its application
	Approval  bool      // another superuser has to agree to a later end; of Firm alone
	Named     []Details // whom the firm named, also those who are no more; of the host
	Vetoes    []Veto
}

// Taken counts the named people who are not over.
func (f FirmDetails) Taken(now time.Time) (taken int) {
	for _, d := range f.Named {
		if !d.Over(now) {
			taken++
		}
	}
	return taken
}

// Vetoed says whether the host does not want a person.
func (f FirmDetails) Vetoed(person string) bool {
	return slices.ContainsFunc(f.Vetoes, func(v Veto) bool { return v.AccountID == person })
}

// Firms lists the delegations to firms of the actor's organization: those that
// hold first, and the newest first.
func (d *Delegations) Firms(ctx context.Context, by models.Actor) (list []FirmDetails, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var rows []Firm
		if err := tx.Order("granted_at DESC, id DESC").Limit(200).Find(&rows).Error; err != nil {
			return err
		}
		list, err = detailFirms(tx, rows)
		slices.SortStableFunc(list, func(a, b FirmDetails) int {
			return cmp.Compare(rank(a.Status(tx.Now()).Over()), rank(b.Status(tx.Now()).Over()))
		})
		return err
	})
	return list, err
}

func rank(last bool) int {
	if last {
		return 1
	}
	return 0
}

// Firm gives one delegation to a firm of the actor's organization.
func (d *Delegations) Firm(ctx context.Context, by models.Actor, id string) (one FirmDetails, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var row Firm
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		list, err := detailFirms(tx, []Firm{row})
		if err != nil {
			return err
		}
		host, err := hostOf(tx)
		one = list[0]
		one.Approval = host.Hosting.Approval
		return err
	})
	return one, err
}

// detailFirms reads roles, people and vetoes beside delegations to firms of one
// host, to which the transaction is confined.
func detailFirms(tx *store.Tx, rows []Firm) ([]FirmDetails, error) {
	ids := make([]string, len(rows))
	for i, f := range rows {
		ids[i] = f.ID
	}
	roles, err := firmRoleNames(tx, ids)
	if err != nil {
		return nil, err
	}
	var named []Delegation
	if err := tx.Where("firm_id IN ?", ids).Order("granted_at, id").Find(&named).Error; err != nil {
		return nil, err
	}
	people, err := detail(tx, named, tx.Now())
	if err != nil {
		return nil, err
	}
	var vetoes []Veto
	if err := tx.Where("firm_id IN ?", ids).Order("vetoed_at").Find(&vetoes).Error; err != nil {
		return nil, err
	}
	list := make([]FirmDetails, len(rows))
	for i, f := range rows {
		list[i] = FirmDetails{Firm: f, RoleNames: roles[f.ID]}
		for _, d := range people {
			if d.FirmID == f.ID {
				list[i].Named = append(list[i].Named, d)
			}
		}
		for _, v := range vetoes {
			if v.FirmID == f.ID {
				list[i].Vetoes = append(list[i].Vetoes, v)
			}
		}
	}
	return list, nil
}

// firmRoleNames names the roles of delegations to firms, by their ids.
func firmRoleNames(tx *store.Tx, ids []string) (map[string][]string, error) {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	var rows []FirmRole
	if err := tx.Where("firm_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b FirmRole) int {
		return slices.Index(reg.RoleOrder, a.RoleID) - slices.Index(reg.RoleOrder, b.RoleID)
	})
	names := map[string][]string{}
	for _, r := range rows {
		role, _ := reg.Named(r.RoleID)
		names[r.FirmID] = append(names[r.FirmID], RoleNames(reg, []tenancy.Role{role})...)
	}
	return names, nil
}

// lockFirm reads a delegation to a firm and holds it until the end of the
// transaction: before the delegations of its people.
func lockFirm(tx *store.Tx, id string) (f Firm, err error) {
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&f).Error
	return f, unknown(err)
}

// saveFirm writes changes to a delegation to a firm whose version did not move.
func saveFirm(tx *store.Tx, f *Firm, changes map[string]any) error {
	changes["version"] = f.Version + 1
	saved := tx.Model(&Firm{}).Where("company_id = ? AND id = ? AND version = ?", f.CompanyID, f.ID, f.Version).Updates(changes)
	if saved.Error != nil {
		return saved.Error
	}
	if saved.RowsAffected == 0 {
		return models.Fail(models.Conflict, "delegation.error.changed")
	}
	f.Version++
	tx.Notify("organization:" + f.OrganizationID)
	return nil
}

// namedOf reads whom a firm named and who is not over.
func namedOf(tx *store.Tx, f Firm) (open []Delegation, err error) {
	var rows []Delegation
	err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("company_id = ? AND firm_id = ? AND revoked_at IS NULL AND declined_at IS NULL", f.CompanyID, f.ID).Order("id").Find(&rows).Error
	for _, d := range rows {
		if !d.Over(tx.Now()) {
			open = append(open, d)
		}
	}
	return open, err
}

// firmFacts are what each mail about a delegation to a firm says. It runs in a
// System transaction.
func firmFacts(tx *store.Tx, f Firm) (mail.FirmDelegated, error) {
	m := mail.FirmDelegated{ID: f.ID, GivenBy: f.GrantedByName, People: f.People, Reason: f.Reason, Ticket: f.Ticket, Starts: f.StartsAt, Ends: f.EndsAt}
	host, err := tenancy.PartyOf(tx, f.CompanyID, f.OrganizationID)
	if err != nil {
		return m, err
	}
	roles, err := firmRoleNames(tx, []string{f.ID})
	m.Host, m.Roles = mail.PlaceOf(host), roles[f.ID]
	m.Firm = mail.Place{ID: f.FirmCompanyID, Name: f.FirmName, Company: f.FirmName, Domain: f.FirmDomain, Hue: 1}
	return m, err
}

// tellFirm queues one mail to each manager of the firm.
func tellFirm(tx *store.Tx, f Firm, key string, content mail.Content) error {
	managers, err := tenancy.Managers(tx, f.FirmCompanyID)
	if err != nil {
		return err
	}
	for _, m := range managers {
		if err := mail.Queue(tx, mail.Draft{Company: f.FirmCompanyID, Key: key + "." + m.ID, To: m.Recipient(), Content: content}); err != nil {
			return err
		}
	}
	return nil
}

// aboutFirm is what events of a delegation to a firm say in the host.
func aboutFirm(f Firm) store.About {
	data := map[string]any{"domain": f.FirmDomain, "people": f.People}
	if f.EndsAt != nil {
		data["ends_at"] = f.EndsAt.Time
	}
	return store.About{ID: f.ID, Name: f.FirmName, Company: f.CompanyID, Organization: f.OrganizationID, Data: data}
}
