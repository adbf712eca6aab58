package provisioning

import "encoding/json"

// profileJSON is how a profile is stored. Attributes and groups are sorted, so
// that equal profiles are equal texts.
type profileJSON struct {
	Attributes []Attribute `json:"attributes"`
	Groups     []Group     `json:"groups"`
	GroupState string      `json:"group_state"`
	Overage    bool        `json:"overage,omitempty"`
}

var stateNames = []string{Absent: "absent", Empty: "empty", Present: "present"}

// String is the state's name, as it is stored.
func (s State) String() string { return stateNames[s] }

// MarshalJSON writes the profile as it is stored.
func (p Profile) MarshalJSON() ([]byte, error) {
	out := profileJSON{Attributes: p.attributes, Groups: p.groups, GroupState: p.groupState.String(), Overage: p.overage}
	if out.Attributes == nil {
		out.Attributes = []Attribute{}
	}
	if out.Groups == nil {
		out.Groups = []Group{}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Profile) UnmarshalJSON(text []byte) error {
	var in profileJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*p = Profile{attributes: in.Attributes, groups: in.Groups, overage: in.Overage}
	for state, known := range stateNames {
		if in.GroupState == known {
			p.groupState = State(state)
		}
	}
	p.index()
	return nil
}
