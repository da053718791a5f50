// What the night of the wind-up toys says of itself before it is played.

export const GAME = {
  name: 'maze',
  title: 'Wind-Up Night',
  line: 'At night the wind-up toys are awake, and you are a mouse after crumbs on their floor.',
  field: { width: 800, height: 600 },
  players: [1],
  levels: 'Five floors; from level to level more and faster toys, and keys that last less long.',
  schemes: [
    {
      id: 'two',
      title: 'Two: turn left, turn right',
      actions: [
        { id: 'left', title: 'Left', does: 'turns left, as the mouse sees it, at the next crossing; twice: turns round', icon: '↰' },
        { id: 'right', title: 'Right', does: 'turns right, as the mouse sees it, at the next crossing; twice: turns round', icon: '↱' },
      ],
    },
    {
      id: 'four',
      title: 'Four: the way it should go',
      actions: [
        { id: 'left', title: 'Left', does: 'goes left as soon as it can', icon: '←' },
        { id: 'right', title: 'Right', does: 'goes right as soon as it can', icon: '→' },
        { id: 'up', title: 'Up', does: 'goes up as soon as it can', icon: '↑' },
        { id: 'down', title: 'Down', does: 'goes down as soon as it can', icon: '↓' },
      ],
    },
  ],
  how: [
    'The mouse runs by itself and takes bends untold: you say where to turn.',
    'Eat all crumbs of the floor, and let no toy catch you.',
    'With a golden key the toys run down: tip them over while it lasts.',
  ],
  parts: [
    { draw: 'duck', text: 'Dilly, the round duck, waddles along your own track.' },
    { draw: 'robot', text: 'Bim, the square robot, wanders, and grows bold when few crumbs are left.' },
    { draw: 'top', text: 'Whirl, the pointed top, keeps to a corner, spins up when you come near, and dashes.' },
    { draw: 'crab', text: 'Snip, the wide crab, makes for where you are going.' },
    { draw: 'key', text: 'Golden key: the toys run down. Each you tip over counts double the one before: 100, 200, 400, 800.' },
    { draw: 'cheese', text: 'Cheese: lies under the toy box for ten seconds, twice on each floor.' },
  ],
};
