/** What a phone does, in words. @param {{role: 'player'|'teacher', player: number|null}} phone */
export const doing = ({ role, player }) => (role === 'teacher' ? 'Teaches along' : `Player ${player ?? 1}`);
