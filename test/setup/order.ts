import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** All of VS Code's have begun when this share of the others has: a small file, too, starts a VS Code. */
const vscodeShare = 0.7;

/**
 * The files of several projects among each other, so that at any time some tests compute, as those of VS Code do, while
 * others wait. The larger files of each first: what begins last should not be long. Files that share their modules stay
 * together, behind the others.
 */
export class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placed = sorted.map((file) => {
      const ofProject = sorted.filter(({ project }) => project.name === file.project.name);
      const share = file.project.name === 'vscode' ? vscodeShare : 1;
      const place = file.project.config.isolate ? (ofProject.indexOf(file) / ofProject.length) * share : 1;
      return { file, place };
    });
    return placed.sort((one, other) => one.place - other.place).map(({ file }) => file);
  }
}
