package access

import (
	"context"
	"net/netip"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Entrance is the way in without an identity provider: a code to a mailbox,
// signing up, and the first operator of an empty installation.
type Entrance struct {
	store *store.Store
	keys  *secret.Keys
}

// NewEntrance opens the entrance of a store.
func NewEntrance(s *store.Store, keys *secret.Keys) *Entrance { return &Entrance{s, keys} }

// Asking is a request for a sign-in code. Name and Organization are given by
// who signs up.
type Asking struct {
	Email        string
	BrowserHash  string // ties the code to the browser that asked
	Name         string
	Organization string
	SignUp       bool
	Language     string
	TimeZone     string
	ReturnTo     string
	Address      string

	renews string // the session whose sign-in is renewed; empty: one is opened
}

// The limits on asking for codes.
const (
	codesPerMailbox = 5
	codesPerAddress = 30
	codesWindow     = 15 * time.Minute
)

// Ask sends a code to an address. The answer is the same whether or not the
// address has an account: with the right code, one without goes on to sign up.
// An address under a domain that requires single sign-on is refused.
func (e *Entrance) Ask(ctx context.Context, in Asking) (request string, err error) {
	wrong := models.FieldErrors{}
	email := account.CheckEmail(in.Email, "email", wrong)
	if in.SignUp {
		in.Name = account.CheckName(in.Name, "name", wrong)
		in.Organization = account.CheckName(in.Organization, "organization", wrong)
	}
	if err := wrong.Err(); err != nil {
		return "", err
	}
	if err := e.limitAddress(ctx, in.Address); err != nil {
		return "", err
	}
	if err := e.limitMailbox(ctx, email); err != nil {
		return "", err
	}
	err = e.store.System(ctx, "ask for a sign-in code", func(tx *store.Tx) error {
		tx.NothingToRecord() // nothing happened yet
		if err := refuseRequired(tx, email); err != nil {
			return err
		}
		row := account.CodeRequest{ID: models.NewID("sic"), BrowserHash: in.BrowserHash, Email: email.Typed, Normal: email.Normal,
			Name: in.Name, Organization: in.Organization, Language: in.Language, TimeZone: in.TimeZone, ReturnTo: in.ReturnTo, RenewsSessionID: in.renews,
			ExpiresAt: models.At(tx.Now().Add(account.CodeLife)), CreatedAt: models.At(tx.Now())}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		request = row.ID
		to := mail.Recipient{Email: email.Typed, Language: in.Language, TimeZone: in.TimeZone}
		known, err := account.ByEmail(tx, email.Normal)
		if err == nil {
			to = known.Recipient()
			to.Email = email.Typed // the mailbox that is to be proven
		} else if models.KindOf(err) != models.NotFound {
			return err
		}
		return mail.Queue(tx, mail.Draft{Key: "code." + row.ID, To: to, Content: mail.Code{Request: row.ID, SignUp: known.ID == "", Expires: row.ExpiresAt}})
	})
	return request, err
}

// Again sends a new code for a request of this browser, with what was filled in
// then, and gives the request that the new code is for. It counts towards the
// same limits; models.Unknown for a request of another browser.
func (e *Entrance) Again(ctx context.Context, id, browserHash, address string) (string, error) {
	var in Asking
	err := e.store.SystemRead(ctx, "a request for another code", func(tx *store.Tx) error {
		row, err := signInRequest(tx.DB, id, browserHash)
		in = Asking{Email: row.Email, BrowserHash: browserHash, Name: row.Name, Organization: row.Organization, SignUp: row.Name != "",
			Language: row.Language, TimeZone: row.TimeZone, ReturnTo: row.ReturnTo, Address: address, renews: row.RenewsSessionID}
		return err
	})
	if err != nil {
		return "", err
	}
	return e.Ask(ctx, in)
}

// limitAddress counts what is asked from a network address; of IPv6 the /64,
// which is one household's. Who is over it uses up nobody's mailbox.
func (e *Entrance) limitAddress(ctx context.Context, address string) error {
	return (&Sessions{store: e.store}).Rate(ctx, "code from "+household(address), codesPerAddress, codesWindow)
}

// household is what is counted of a network address.
func household(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() && !ip.Is4In6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.String()
		}
	}
	return address
}

// limitMailbox counts what is sent to a mailbox. Where its company requires
// single sign-on nothing will be sent.
func (e *Entrance) limitMailbox(ctx context.Context, email account.Email) error {
	err := e.store.SystemRead(ctx, "does the domain require single sign-on", func(tx *store.Tx) error {
		return refuseRequired(tx, email)
	})
	if err != nil {
		return err
	}
	return e.count(ctx, email.Normal)
}

// count counts a code towards the limit of a mailbox.
func (e *Entrance) count(ctx context.Context, mailbox string) error {
	return (&Sessions{store: e.store}).Rate(ctx, "code to "+mailbox, codesPerMailbox, codesWindow)
}

func refuseRequired(tx *store.Tx, email account.Email) error {
	required, err := requiresSSO(tx, email.Domain())
	if err == nil && required {
		err = models.Fail(models.Conflict, "account.error.sso_required", "Domain", email.Domain())
	}
	return err
}

// requiresSSO says whether addresses under a domain may only sign in through
// their company's identity provider.
func requiresSSO(tx *store.Tx, domain string) (bool, error) {
	company, err := tenancy.RequiredBy(tx, domain)
	return company != "", err
}

// Request is what the page for the code shows.
type Request struct {
	Email    string
	Expires  time.Time
	ReturnTo string
	Proven   bool // the code was right: what is missing is a name and an organization
	Name     string
	Left     int  // tries that are left
	Renews   bool // the sign-in of a session that goes on
}

// Spent says that no code can be given for the request any more.
func (r Request) Spent(now time.Time) bool { return r.Left == 0 || !now.Before(r.Expires) }

// Request reads a request of this browser; models.Unknown for any other.
func (e *Entrance) Request(ctx context.Context, id, browserHash string) (r Request, err error) {
	err = e.store.SystemRead(ctx, "a request for a code", func(tx *store.Tx) error {
		row, err := signInRequest(tx.DB, id, browserHash)
		r = Request{Email: row.Email, Expires: row.ExpiresAt.Time, ReturnTo: row.ReturnTo, Proven: row.ProvenAt != nil, Name: row.Name,
			Left: max(0, account.CodeTries-row.Tries), Renews: row.RenewsSessionID != ""}
		return err
	})
	return r, err
}

// signInRequest reads a request of a browser to sign in or up. A code for a
// set-up link, which goes past required single sign-on, is none.
func signInRequest(tx *gorm.DB, id, browserHash string) (account.CodeRequest, error) {
	return request(tx.Where("mandate_id = ?", ""), id, browserHash, false)
}

// request reads a request of this browser that was not used. What was asked for
// as break-glass is another thing than what was not: each is unknown as the
// other.
func request(tx *gorm.DB, id, browserHash string, breakGlass bool) (account.CodeRequest, error) {
	var row account.CodeRequest
	err := tx.Where("id = ? AND browser_hash = ? AND break_glass = ? AND used_at IS NULL", id, browserHash, breakGlass).Take(&row).Error
	if store.Missing(err) {
		return row, models.Unknown()
	}
	return row, err
}

// Entering is what a person gives with his code, and from where.
type Entering struct {
	Request     string
	BrowserHash string
	Code        string
	UserAgent   string
	Address     string
	Instead     string // id of the session that the browser had so far: see Opening
}

// Entered is what came of a code. Without a Token the mailbox is proven but
// has no account yet: Complete makes one.
type Entered struct {
	Token    string
	ReturnTo string
	New      bool // an account was made
	Renewed  bool // the sign-in of the browser's session was renewed: there is no new one
}

// Enter signs in with a code. A wrong code is counted, and answered at the
// field.
func (e *Entrance) Enter(ctx context.Context, in Entering) (out Entered, err error) {
	var wrong *models.Message
	err = e.store.System(ctx, "sign in by code", func(tx *store.Tx) error {
		tx.NothingToRecord() // unless it succeeds
		// Locked, so that guesses made at the same time are counted one by one.
		row, err := signInRequest(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}), in.Request, in.BrowserHash)
		if err != nil {
			return err
		}
		out.ReturnTo = row.ReturnTo
		if wrong, err = row.Try(tx, e.keys, in.BrowserHash, in.Code); err != nil || wrong != nil {
			return err
		}
		known, err := account.ByEmail(tx, row.Normal)
		switch {
		case err == nil && row.RenewsSessionID != "":
			out.Renewed = true
			return renewByCode(tx, row, known, in)
		case err == nil:
			if err := prove(tx, known); err != nil {
				return err
			}
			out.Token, err = use(tx, row, known, in)
			return err
		case models.KindOf(err) != models.NotFound:
			return err
		case row.RenewsSessionID != "":
			return models.Unknown() // his address went to nobody meanwhile
		case row.Name == "" || row.Organization == "":
			return nil // Complete is next
		}
		out.New = true
		out.Token, err = signUp(tx, row, in)
		return err
	})
	if err == nil && wrong != nil {
		fields := models.FieldErrors{"code": *wrong}
		return Entered{}, fields.Err()
	}
	return out, err
}

// Complete signs up with a mailbox that was proven by a code, once the name
// and the organization are known.
func (e *Entrance) Complete(ctx context.Context, in Entering, name, organization string) (out Entered, err error) {
	wrong := models.FieldErrors{}
	name, organization = account.CheckName(name, "name", wrong), account.CheckName(organization, "organization", wrong)
	if err := wrong.Err(); err != nil {
		return out, err
	}
	err = e.store.System(ctx, "sign up", func(tx *store.Tx) error {
		// Locked, so that a form that was sent twice makes one account.
		row, err := signInRequest(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}), in.Request, in.BrowserHash)
		if err != nil {
			return err
		}
		if row.ProvenAt == nil || tx.Now().After(row.ProvenAt.Add(time.Hour)) {
			return models.Fail(models.Conflict, "account.error.code_expired")
		}
		row.Name, row.Organization = name, organization
		out = Entered{ReturnTo: row.ReturnTo, New: true}
		out.Token, err = signUp(tx, row, in)
		return err
	})
	return out, err
}

// prove notes that the owner of an account's address read his mailbox.
func prove(tx *store.Tx, p account.Person) error {
	return tx.Model(&account.Address{}).Where("normal = ? AND account_id = ? AND proven_at IS NULL", p.Normal, p.ID).
		Update("proven_at", models.At(tx.Now())).Error
}

// signUp makes an account with a company and an organization of its own. Who
// was asked to become a member gets one all the same: it is his alone.
func signUp(tx *store.Tx, row account.CodeRequest, in Entering) (string, error) {
	email, ok := account.ParseEmail(row.Email)
	if !ok {
		return "", models.Unknown()
	}
	person, err := account.Create(tx, account.New{Name: row.Name, Email: email, Language: row.Language, TimeZone: row.TimeZone, Proven: true})
	if err != nil {
		if store.Duplicate(err) {
			return "", models.Fail(models.Conflict, "account.error.exists")
		}
		return "", err
	}
	founded, err := tenancy.Found(tx, row.Organization, row.Organization, person)
	if err != nil {
		return "", err
	}
	actor := models.Actor{Account: person.ID, Name: person.Name, Channel: models.Browser, Address: in.Address}
	tx.Record(event.AccountCreated, store.About{ID: person.ID, Name: person.Name, As: &actor, Company: founded.Company.ID, Organization: founded.Organization.ID})
	return use(tx, row, person, in)
}

// use spends the code and opens the session.
func use(tx *store.Tx, row account.CodeRequest, person account.Person, in Entering) (string, error) {
	if err := spend(tx, row, person); err != nil {
		return "", err
	}
	return Open(tx, Opening{Account: person.ID, Method: "code", UserAgent: in.UserAgent, Address: in.Address, Instead: in.Instead})
}

// spend makes a code serve once.
func spend(tx *store.Tx, row account.CodeRequest, person account.Person) error {
	spent := tx.Model(&account.CodeRequest{}).Where("id = ? AND used_at IS NULL", row.ID).
		Updates(map[string]any{"used_at": models.At(tx.Now()), "account_id": person.ID})
	if spent.Error == nil && spent.RowsAffected == 0 {
		return models.Unknown() // another tab was quicker
	}
	return spent.Error
}
