package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Profile is what the provider knows of somebody, and sends.
type Profile struct {
	UserName   string `json:"userName"`
	Email      string `json:"email"`
	GivenName  string `json:"givenName"`
	FamilyName string `json:"familyName"`
	Department string `json:"department"`
	Title      string `json:"title"`
	Country    string `json:"country"`
	Active     bool   `json:"active"` // his account is not turned off
}

// Name is how people call him.
func (p Profile) Name() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

// Team is a group at the start: people by user name, groups by name.
type Team struct {
	Name           string
	People, Groups []string
}

// directoryPerson is somebody at the provider, and what the hub was told of him.
type directoryPerson struct {
	Key     string `json:"key"` // the provider's own id for ever, sent as externalId
	Profile `json:"profile"`
	// Assigned to the application: of the others the hub is told nothing, or
	// that they are not active.
	Assigned bool `json:"assigned"`
	// Erased is to be deleted at the hub too.
	Erased bool `json:"erased,omitempty"`
	// ID is the hub's id of him, as it answered; "" while it is not known.
	ID string `json:"id,omitempty"`
	// Sent is what the hub took last.
	Sent *Profile `json:"sent,omitempty"`
	// Refused is the last refusal. Nothing more is sent of him by itself.
	Refused string `json:"refused,omitempty"`
}

// wanted is what the hub ought to know of him.
func (p *directoryPerson) wanted() Profile {
	is := p.Profile
	is.Active = is.Active && p.Assigned && !p.Erased
	return is
}

// behind says that the hub does not know yet.
func (p *directoryPerson) behind() bool {
	switch {
	case p.Refused != "":
		return false
	case p.ID == "":
		return p.Assigned
	}
	return p.Erased || p.Sent == nil || *p.Sent != p.wanted()
}

// forget makes him somebody of whom the hub was never told.
func (p *directoryPerson) forget() { p.ID, p.Sent, p.Erased, p.Refused = "", nil, false, "" }

// directoryGroup is a group at the provider, and what the hub was told of it.
type directoryGroup struct {
	Key     string   `json:"key"`
	Name    string   `json:"name"`
	People  []string `json:"people"` // their keys
	Groups  []string `json:"groups"` // keys of groups within
	Erased  bool     `json:"erased,omitempty"`
	ID      string   `json:"id,omitempty"`
	Sent    string   `json:"sent,omitempty"`         // the name that the hub took last
	Members []string `json:"sent_members,omitempty"` // the members that it took last, by its ids
	Refused string   `json:"refused,omitempty"`
}

func (g *directoryGroup) forget() { g.ID, g.Sent, g.Members, g.Refused = "", "", nil, "" }

// holds says that somebody, or a group, is directly in it.
func (g *directoryGroup) holds(key string) bool {
	return slices.Contains(g.People, key) || slices.Contains(g.Groups, key)
}

// put makes a key a member, or none any more.
func put(list []string, key string, in bool) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(k string) bool { return k == key })
	if in {
		list = append(list, key)
	}
	return list
}

// objectID is an id in the form providers use, the same in every run.
func objectID(text string) string {
	sum := sha256.Sum256([]byte(text))
	id := hex.EncodeToString(sum[:16])
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}
