// What the lantern walk says of itself before it is played.

export const GAME = {
  name: 'snake',
  title: 'Lantern Walk',
  line: 'Lead a train of paper lanterns through the garden at dusk, and let every firefly light one more.',
  field: { width: 800, height: 600 },
  players: [1],
  levels: 'Six gardens with ponds, stones and gates in the hedge; each a little faster, then round again.',
  schemes: [
    {
      id: 'two',
      title: 'Two: turn left, turn right',
      actions: [
        { id: 'left', title: 'Left', does: 'turns left, as the train sees it', icon: '↰' },
        { id: 'right', title: 'Right', does: 'turns right, as the train sees it', icon: '↱' },
      ],
    },
    {
      id: 'four',
      title: 'Four: the way it should go',
      actions: [
        { id: 'left', title: 'Left', does: 'goes left', icon: '←' },
        { id: 'right', title: 'Right', does: 'goes right', icon: '→' },
        { id: 'up', title: 'Up', does: 'goes up', icon: '↑' },
        { id: 'down', title: 'Down', does: 'goes down', icon: '↓' },
      ],
    },
  ],
  how: [
    'The train walks by itself: you only turn it.',
    'Catch the fireflies; touch no hedge, stone, pond or lantern of your own.',
    'Before a bump it stops short for a moment: turn then and nothing is lost.',
  ],
  parts: [
    { draw: 'firefly', text: 'Firefly: 10 points and one more lantern.' },
    { draw: 'flower', text: 'Moonflower: up to 50 points, the sooner the more. It closes after nine seconds.' },
    { draw: 'snail', text: 'Snail: the train walks slowly for seven seconds.' },
    { draw: 'gate', text: 'Gate: leave the garden here and come in on the other side.' },
  ],
};
