package webhook

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/feed"
)

// Why an endpoint is off.
const (
	ByHand  = "manual"
	Gone    = "gone"    // it answered 410
	Failing = "failing" // it failed for Patience
)

// Patience is for how long an endpoint may fail before it is switched off.
const Patience = 5 * 24 * time.Hour

// Endpoint is an address that events are posted to.
type Endpoint struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	OrganizationID string // empty: the events of the whole company
	ApplicationID  string // whose roles directory events carry; empty: the company's
	URL            string `gorm:"column:url"`
	Description    string
	Types          string // JSON list; see Chosen
	Enabled        bool
	OffWhy         string
	OffAt          *models.Instant
	FailingSince   *models.Instant // of the first failure since it last took something
	PausedUntil    *models.Instant // as it asked by Retry-After
	LastSuccessAt  *models.Instant
	LastFailureAt  *models.Instant
	MadeBy         string
	MadeByName     string
	CreatedAt      models.Instant
}

// TableName is the table of endpoints.
func (Endpoint) TableName() string { return "webhook_endpoints" }

// Chosen are the types and families that it is posted; none for all.
func (e Endpoint) Chosen() (list []string) {
	if json.Unmarshal([]byte(e.Types), &list) != nil {
		return []string{""} // an unreadable list is for nothing
	}
	return list
}

// Host is the name in its address: what lists call it.
func (e Endpoint) Host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return e.URL
	}
	return u.Host
}

// Path is what follows the host in its address, by which two endpoints of one host
// are told apart; empty where nothing does. It may hold a secret of the receiver's.
func (e Endpoint) Path() string {
	u, err := url.Parse(e.URL)
	if err != nil || u.RequestURI() == "/" {
		return ""
	}
	return u.RequestURI()
}

// Health is how an endpoint fares.
type Health string

// The healths.
const (
	Healthy  Health = "healthy"
	Troubled Health = "failing"
	Off      Health = "off"
	Unused   Health = "unused" // nothing was posted yet
)

// Health is how it fares.
func (e Endpoint) Health() Health {
	switch {
	case !e.Enabled:
		return Off
	case e.FailingSince != nil:
		return Troubled
	case e.LastSuccessAt == nil:
		return Unused
	}
	return Healthy
}

// Draft is what an endpoint is made of, or changed to.
type Draft struct {
	URL            string
	Description    string
	OrganizationID string // empty: the whole company
	ApplicationID  string // empty for none
	Types          []string
	// Insecure lets this machine be named, and without https: for a hub that is
	// itself served to this machine alone.
	Insecure bool
}

// The most that may be typed.
const (
	mostAddress     = 2000
	mostDescription = 200
)

// check refuses what cannot be an endpoint. Whether an address leads into a
// private network shows when it is dialled; one that says so itself is refused
// here already, unless Insecure.
func (in *Draft) check() (types string, err error) {
	wrong := models.FieldErrors{}
	in.URL, in.Description = strings.TrimSpace(in.URL), strings.TrimSpace(in.Description)
	u, parsed := url.Parse(in.URL)
	switch {
	case in.URL == "":
		wrong.Add("url", "error.required")
	case len(in.URL) > mostAddress, parsed != nil, u.Hostname() == "", u.Scheme != "https" && u.Scheme != "http":
		wrong.Add("url", "webhook.error.address")
	case u.User != nil:
		wrong.Add("url", "webhook.error.password")
	case u.Scheme == "http" && !in.Insecure:
		wrong.Add("url", "webhook.error.https")
	case !in.Insecure && local(u.Hostname()):
		wrong.Add("url", "webhook.error.private")
	}
	if len([]rune(in.Description)) > mostDescription {
		wrong.Add("description", "webhook.error.description")
	}
	if _, ok := feed.Expand(in.Types); !ok {
		wrong.Add("type", "error.choice")
	}
	slices.Sort(in.Types)
	in.Types = slices.Compact(in.Types)
	if in.Types == nil {
		in.Types = []string{}
	}
	text, marshalled := json.Marshal(in.Types)
	if marshalled != nil {
		return "", marshalled
	}
	return string(text), wrong.Err()
}

// local says that a host names this machine.
func local(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
