namespace Lockstep.Model.Data;

/// <summary>What a set of examples announces before its arrays travel; the numbers mean what the kind says.</summary>
/// <param name="Kind">Number of the kind: see <see cref="IncomingExamples.Of"/>.</param>
/// <param name="Count">Number of examples.</param>
/// <param name="First">Images: height. Features: how many.</param>
/// <param name="Second">Images: width. Features: 0.</param>
/// <param name="Third">Images: entries of all. Features: 0.</param>
public readonly record struct ExamplesHeader(int Kind, int Count, int First, int Second, int Third);
