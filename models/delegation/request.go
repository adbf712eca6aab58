package delegation

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// AccessRequest is what somebody from outside asks an organization for, by its
// request link. It gives nothing: a superuser grants, by the ordinary form.
type AccessRequest struct {
	CompanyID            string `gorm:"primaryKey"`
	OrganizationID       string
	ID                   string `gorm:"primaryKey"`
	AccountID            string
	AccountName          string
	Email                string
	Normal               string
	Language             string
	RealCompanyID        string
	RealOrganizationID   string
	RealOrganizationName string
	Period               Period
	Date                 string // with UntilDate, as it was typed
	Reason               string
	Ticket               string
	AskedAt              models.Instant
	LapsesAt             models.Instant
	EndedAt              *models.Instant
	How                  RequestOutcome
	EndedBy              string
	EndedByName          string
	Note                 string // of who refused it
	DelegationID         string // that was granted
}

// TableName is the table of requests.
func (AccessRequest) TableName() string { return "delegation_requests" }

// RequestOutcome is what came of a request.
type RequestOutcome string

// The outcomes. RequestWaiting means that it is open.
const (
	RequestWaiting   RequestOutcome = ""
	RequestGranted   RequestOutcome = "granted"
	RequestRefused   RequestOutcome = "refused"
	RequestWithdrawn RequestOutcome = "withdrawn"
	RequestLapsed    RequestOutcome = "lapsed"
)

// Outcome is what came of the request until a moment. Nobody has to write down
// that it lapsed.
func (r AccessRequest) Outcome(now time.Time) RequestOutcome {
	if r.EndedAt == nil && !now.Before(r.LapsesAt.Time) {
		return RequestLapsed
	}
	return r.How
}

// How long a request stays open, and how often people may ask: a person in all,
// and an organization by everybody, in a day.
const (
	RequestLife     = 7 * 24 * time.Hour
	requestsADay    = 10
	requestsOfAHost = 50
)

// Wish is what somebody fills in who asks for a delegation.
type Wish struct {
	Period Period
	Date   string // with UntilDate; empty means no end
	Reason string
	Ticket string
}

// check reads a wish against the clock of the host.
func (in *Wish) check(now time.Time, zone *time.Location) error {
	wrong := models.FieldErrors{}
	in.Date, in.Reason, in.Ticket = strings.TrimSpace(in.Date), strings.TrimSpace(in.Reason), strings.TrimSpace(in.Ticket)
	ends, ok := in.Period.End(now, zone, in.Date)
	switch {
	case !ok && in.Period == UntilDate:
		wrong.Add("date", "delegation.error.date")
	case !ok:
		wrong.Add("period", "error.choice")
	case ends != nil && !ends.After(now):
		wrong.Add("date", "delegation.error.date_past")
	}
	switch {
	case in.Reason == "":
		wrong.Add("reason", "request.error.reason")
	case utf8.RuneCountInString(in.Reason) > maxReason:
		wrong.Add("reason", "error.too_long", "Max", maxReason)
	}
	if utf8.RuneCountInString(in.Ticket) > maxTicket {
		wrong.Add("ticket", "error.too_long", "Max", maxTicket)
	}
	return wrong.Err()
}

// RequestHost is an organization as one sees it who asks by its link: its name and
// its domain, and what stands between the two already.
type RequestHost struct {
	Host models.Party
	Open *AccessRequest // of the actor, that waits
}

// RequestHost finds the organization of a request link. To a link that is off, or was
// renewed, there is none.
func (d *Delegations) RequestHost(ctx context.Context, by models.Actor, token string) (a RequestHost, err error) {
	err = d.store.SystemRead(ctx, "the organization of a request link", func(tx *store.Tx) error {
		host, err := byToken(tx, token)
		if err != nil {
			return err
		}
		a.Host = host.Party
		var open AccessRequest
		err = tx.Where("company_id = ? AND organization_id = ? AND account_id = ? AND ended_at IS NULL AND lapses_at > ?",
			host.Company, host.Organization, by.Account, models.At(tx.Now())).Take(&open).Error
		if err == nil {
			a.Open = &open
		} else if store.Missing(err) {
			err = nil
		}
		return err
	})
	return a, err
}

// RequestAccess asks the organization of a request link for a delegation. Its superusers
// get mail.
func (d *Delegations) RequestAccess(ctx context.Context, by models.Actor, token string, in Wish) (made AccessRequest, err error) {
	if err := d.countAsking(ctx, by, token); err != nil {
		return made, err
	}
	err = d.store.SystemForScope(ctx, by, WriteOwn, "ask for a delegation", func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		host, err := byToken(tx, token)
		if err != nil {
			return err
		}
		person, err := asker(tx, tx.Actor.Account)
		if err != nil {
			return err
		}
		if err := in.check(tx.Now(), tenancy.Organization{TimeZone: host.TimeZone}.Zone()); err != nil {
			return err
		}
		if err := mayAsk(tx, host.Party, person); err != nil {
			return err
		}
		now := models.At(tx.Now())
		made = AccessRequest{CompanyID: host.Company, OrganizationID: host.Organization, ID: models.NewID("drq"), AccountID: person.ID, AccountName: person.Name,
			Email: person.Email, Normal: person.Normal, Language: person.Language, Period: in.Period, Date: in.Date, Reason: in.Reason, Ticket: in.Ticket,
			AskedAt: now, LapsesAt: models.At(tx.Now().Add(RequestLife))}
		var firm models.Party
		if person.HomeOrganizationID != nil {
			if firm, err = tenancy.PartyOf(tx, *person.HomeCompanyID, *person.HomeOrganizationID); err != nil {
				return err
			}
			made.RealCompanyID, made.RealOrganizationID, made.RealOrganizationName = firm.Company, firm.Organization, firm.Name
		}
		if err := tx.Create(&made).Error; err != nil {
			if store.Duplicate(err) {
				return models.Fail(models.Conflict, "request.error.open")
			}
			return err
		}
		tx.Record(event.RequestMade, aboutRequest(made))
		tx.Notify("organization:" + made.OrganizationID)
		return tell(tx, Delegation{CompanyID: made.CompanyID, OrganizationID: made.OrganizationID}, "request."+made.ID, mail.AccessRequested{Request: made.ID, Host: mail.PlaceOf(host.Party),
			Person: made.AccountName, Email: made.Email, Firm: mail.PlaceOf(firm), Period: string(made.Period), Date: made.Date,
			Reason: made.Reason, Ticket: made.Ticket, Lapses: made.LapsesAt}, nil)
	})
	return made, err
}

// countAsking counts that somebody asks, also when nothing comes of it.
func (d *Delegations) countAsking(ctx context.Context, by models.Actor, token string) error {
	return d.store.System(ctx, "count requests for delegations", func(tx *store.Tx) error {
		tx.NothingToRecord()
		host, err := byToken(tx, token)
		if err != nil {
			return err
		}
		const day = 24 * time.Hour
		err = errors.Join(account.Limit(tx, "request.person."+by.Account, requestsADay, day),
			account.Limit(tx, "request.host."+host.Organization, requestsOfAHost, day))
		if models.KindOf(err) == models.TooMany {
			return models.Fail(models.TooMany, "request.error.too_many")
		}
		return err
	})
}

// mayAsk refuses who needs no delegation, has one, or asked already.
func mayAsk(tx *store.Tx, host models.Party, person account.Person) error {
	kept, err := tenancy.Blocked(tx, host.Company, person.ID)
	if err != nil {
		return err
	}
	if kept {
		return models.Fail(models.Conflict, "delegation.error.kept_out")
	}
	member, err := isMember(tx, person.ID, Delegation{CompanyID: host.Company, OrganizationID: host.Organization})
	if err != nil {
		return err
	}
	if member {
		return models.Fail(models.Conflict, "request.error.member")
	}
	now := models.At(tx.Now())
	var have int64
	err = tx.Model(&Delegation{}).Where("company_id = ? AND organization_id = ? AND (account_id = ? OR account_id = '' AND normal = ?) AND revoked_at IS NULL AND declined_at IS NULL AND approval_due IS NULL AND (ends_at IS NULL OR ends_at > ?)",
		host.Company, host.Organization, person.ID, person.Normal, now).Count(&have).Error
	if err != nil {
		return err
	}
	if have > 0 {
		return models.Fail(models.Conflict, "request.error.have")
	}
	// What lapsed makes room for another.
	return tx.Model(&AccessRequest{}).Where("company_id = ? AND organization_id = ? AND account_id = ? AND ended_at IS NULL AND lapses_at <= ?",
		host.Company, host.Organization, person.ID, now).Updates(map[string]any{"ended_at": now, "how": RequestLapsed}).Error
}

// aboutRequest is what events of a request say.
func aboutRequest(r AccessRequest) store.About {
	return store.About{ID: r.ID, Name: r.AccountName, Company: r.CompanyID, Organization: r.OrganizationID,
		Data: map[string]any{"email": r.Email, "ticket": r.Ticket}}
}
