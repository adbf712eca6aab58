package main

import (
	"testing"

	"locum/models/modelstest"
)

// The people of the story.
const (
	marieke = "marieke@devries.example"
	anna    = "anna.visser@devries.example"
	rik     = "rik.vandenheuvel@devries.example"
	karin   = "karin@zonneveld.example"
	pim     = "pim@zonneveld.example"
	ria     = "ria@zonneveld.example"
	noor    = "noor@noorhendriks.example"
	nina    = "nina@ninavermeer.example"
)

// story is one demo and the people who meet in it.
type story struct {
	*running
	t      *testing.T // of the whole story: browsers live as long
	people map[string]*visitor

	foreign    string // a delegation of De Vries
	host       string // Zonneveld's id
	delegation string // Noor's first, for a week
	entered    map[string]letter
}

// scene is a part of a story.
type scene struct {
	name string
	tell func(*testing.T, *story)
}

// newStory begins one in a demo of its own.
func newStory(t *testing.T, database string) *story {
	t.Helper()
	return &story{running: serveDemo(t, database), t: t, people: map[string]*visitor{}, entered: map[string]letter{}}
}

// tells lives scenes one after the other, up to the first that fails: what
// follows builds on it.
func (s *story) tells(scenes []scene) {
	for _, one := range scenes {
		told := s.t.Run(one.name, func(t *testing.T) {
			one.tell(t, s)
			s.quiet(t)
		})
		if !told {
			return
		}
	}
}

// as is somebody in his own browser.
func (s *story) as(t *testing.T, email string) *visitor {
	t.Helper()
	v := s.people[email]
	if v == nil {
		v = s.browser(s.t)
		s.people[email] = v
	}
	v.t = t
	return v
}

// beside is another window of somebody's browser, for as long as the story goes on.
func (s *story) beside(t *testing.T, email, name string) *visitor {
	t.Helper()
	window := email + ", " + name
	if s.people[window] == nil {
		s.people[window] = s.as(s.t, email).tab()
		s.as(t, email)
	}
	return s.as(t, window)
}

// quiet says that no browser's console complained of anything.
func (s *story) quiet(t *testing.T) {
	t.Helper()
	for _, v := range s.people {
		v.t = t
		v.quiet()
	}
}

// TestStory lives the whole story in browsers, on each database: the steps
// build on each other, as they do for people.
func TestStory(t *testing.T) {
	t.Parallel()
	scenes := []scene{
		{"1 the demo says where to begin", beginsWithAddresses},
		{"2 a manager signs in through SAML", managerSignsIn},
		{"2 who is new and in no group is signed in without access", nobodyKnowsRik},
		{"2 an answer that cannot be trusted says what to do", answersAreRefused},
		{"3 a connector gives a role at once", connectorGives},
		{"3 a connector without JavaScript", connectorWithoutScript},
		{"3 a group that goes takes the role away", groupsGo},
		{"4 the form of a delegation says what is wrong", formRefuses},
		{"4 a superuser gives a delegation", delegationGiven},
		{"4 others see no delegations", othersSeeNoDelegations},
		{"4 members come, change and stay", membersComeAndStay},
		{"5 the consultant signs up and accepts", consultantAccepts},
		{"5 the switcher by keyboard and without JavaScript", switcherByKeyboard},
		{"6 the consultant enters", consultantEnters},
		{"6 the consultant works and leaves", consultantLeaves},
		{"7 two tabs", twoTabs},
		{"7 the superuser extends", superuserExtends},
		{"7 the mail server is down", mailServerDown},
		{"7 the superuser revokes while the consultant is inside", superuserRevokes},
		{"7 a delegation ends by itself", delegationEnds},
		{"8 activity shows both parties", activityShows},
		{"9 the account", accountOfOnesOwn},
	}
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			newStory(t, database).tells(scenes)
		})
	}
}
