/** Whether each object of JavaScript has a member of this name: MikroORM looks tables up in objects, and finds `constructor` in all. */
export const isObjectMember = (name: string) => name in Object.prototype;
