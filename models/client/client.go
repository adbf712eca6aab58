package client

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"locum/models"
)

// Kind is how a client shows that it is the one (RFC 6749, section 2.1).
type Kind string

// The kinds.
const (
	ByKey    Kind = "key"    // signs an assertion: private_key_jwt (RFC 7523, OpenID Connect Core 1.0, section 9)
	BySecret Kind = "secret" // holds a secret: client_secret_basic and client_secret_post
	Public   Kind = "public" // cannot keep one: PKCE alone (RFC 7636)
)

// Kinds lists them, in the order in which screens show them.
var Kinds = []Kind{BySecret, ByKey, Public}

// Client is an application's registration as an OAuth client. Its client_id is
// the id of the application.
type Client struct {
	ApplicationID  string `gorm:"primaryKey"`
	Kind           Kind
	RedirectURIs   string // separated by a space; compared as they are (RFC 9700, section 2.1)
	PostLogoutURIs string // separated by a space (OpenID Connect RP-Initiated Logout 1.0, section 3.1)
	HomeURI        string // where people open it; empty for nowhere
	LogoutURI      string // back-channel (OpenID Connect Back-Channel Logout 1.0, section 2.2); empty for none
	JWKS           string // its public keys, as JSON (RFC 7517, section 5); ByKey alone
	FollowsSwitch  bool   // tokens of accounts for it follow the account's last switch, rather than stay where they were made
	DeniedPaths    string // what is denied to visitors, one rule on a line; see Denies
	DisabledAt     *models.Instant
	CreatedAt      models.Instant
	UpdatedAt      models.Instant
}

// TableName is the table of clients.
func (Client) TableName() string { return "clients" }

// Redirects are the addresses to which an answer may go.
func (c Client) Redirects() []string { return strings.Fields(c.RedirectURIs) }

// PostLogouts are the addresses to which somebody may go once he is signed out.
func (c Client) PostLogouts() []string { return strings.Fields(c.PostLogoutURIs) }

// Keys are the client's public keys.
func (c Client) Keys() (set jose.JSONWebKeySet, err error) { return readKeys(c.JWKS) }

// Host is a host for which a proxy asks: a name, with its port where that is not
// the usual one.
type Host struct {
	Host          string `gorm:"primaryKey"`
	ApplicationID string
}

// TableName is the table of hosts.
func (Host) TableName() string { return "client_hosts" }

// Secret is what a client holds to show that it is the one. Its text stands
// nowhere.
type Secret struct {
	ID            string `gorm:"primaryKey"`
	ApplicationID string
	SecretHash    string
	Suffix        string // the last characters of its text
	CreatedByName string
	CreatedAt     models.Instant
	LastUsedAt    *models.Instant // to the minute
	RevokedAt     *models.Instant
}

// TableName is the table of secrets.
func (Secret) TableName() string { return "client_secrets" }

// Draft is what a registration is made of, and changed to. Lists are as people
// write them: one on a line.
type Draft struct {
	Kind           Kind
	RedirectURIs   string
	PostLogoutURIs string
	HomeURI        string
	LogoutURI      string
	JWKS           string
	Hosts          string
	FollowsSwitch  bool
}

// most is how many addresses or hosts a client can have.
const most = 20

// Check says what is wrong with the draft by itself. That a host belongs to another
// is found where it is written.
func (in Draft) Check() error {
	_, err := in.check()
	return err
}

// check reads the draft, and puts into it what is kept.
func (in *Draft) check() (hosts []string, err error) {
	wrong := models.FieldErrors{}
	if !slices.Contains(Kinds, in.Kind) {
		wrong.Add("kind", "error.choice")
	}
	in.RedirectURIs = addresses(wrong, "redirect_uris", in.RedirectURIs)
	in.PostLogoutURIs = addresses(wrong, "post_logout_uris", in.PostLogoutURIs)
	in.LogoutURI = oneAddress(wrong, "logout_uri", in.LogoutURI)
	in.HomeURI = oneAddress(wrong, "home_uri", in.HomeURI)
	in.JWKS = strings.TrimSpace(in.JWKS)
	switch {
	case in.Kind != ByKey:
		in.JWKS = ""
	case in.JWKS == "":
		wrong.Add("jwks", "error.required")
	default:
		if set, err := readKeys(in.JWKS); err != nil || len(set.Keys) == 0 {
			wrong.Add("jwks", "client.error.jwks")
		}
	}
	hosts = strings.Fields(strings.ToLower(in.Hosts))
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	if len(hosts) > most {
		wrong.Add("hosts", "client.error.many", "Most", most)
	}
	for _, h := range hosts {
		if !hostname(h) {
			wrong.Add("hosts", "client.error.host", "Host", h)
		}
	}
	if in.RedirectURIs == "" && len(hosts) == 0 {
		wrong.Add("redirect_uris", "client.error.nowhere")
	}
	return hosts, wrong.Err()
}

// addresses reads a list of addresses, of which each must be one that an answer
// may go to.
func addresses(wrong models.FieldErrors, field, text string) string {
	list := strings.Fields(text)
	if len(list) > most {
		wrong.Add(field, "client.error.many", "Most", most)
	}
	for _, one := range list {
		if !address(one) {
			wrong.Add(field, "client.error.address", "Address", one)
			break
		}
	}
	return strings.Join(list, " ")
}

// oneAddress is addresses where there can be one.
func oneAddress(wrong models.FieldErrors, field, text string) string {
	text = addresses(wrong, field, text)
	if strings.Contains(text, " ") {
		wrong.Add(field, "client.error.one")
	}
	return text
}

// address says whether an answer may go to an address: it is absolute, has no
// fragment (RFC 6749, section 3.1.2), no user and nothing to be filled in, and
// goes over TLS unless it stays on the machine (RFC 8252, section 8.3).
func address(text string) bool {
	u, err := url.Parse(text)
	if err != nil || len(text) > 500 || u.Host == "" || u.User != nil || strings.ContainsAny(text, "#*\\") {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// hostname says whether a text is a host, with or without a port.
func hostname(text string) bool {
	name := text
	if host, port, err := net.SplitHostPort(text); err == nil {
		if port == "" || strings.Trim(port, "0123456789") != "" {
			return false
		}
		name = host
	}
	if name == "" || len(name) > 253 || strings.ContainsAny(name, "/@:?#*\\ ") {
		return false
	}
	u, err := url.Parse("https://" + text + "/")
	return err == nil && u.Host == text
}
