namespace Lockstep.Model.Data;

/// <summary>The announcement of a set of examples. The meaning of the numbers depends on the kind.</summary>
/// <param name="Kind">Number of the kind, see <see cref="IncomingExamples.Of"/>.</param>
/// <param name="Count">Number of examples.</param>
/// <param name="First">Images: height. Features: their number.</param>
/// <param name="Second">Images: width. Features: targets of a row; 0 for classes.</param>
/// <param name="Third">Images: total number of entries. Features: 0.</param>
public readonly record struct ExamplesHeader(int Kind, int Count, int First, int Second, int Third);
