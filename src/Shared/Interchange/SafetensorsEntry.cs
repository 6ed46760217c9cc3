namespace Lockstep.Shared.Interchange;

/// <summary>A tensor in the header of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its numbers.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Count">Product of the dimensions.</param>
/// <param name="Begin">Offset of its first byte from the end of the header.</param>
/// <param name="End">Offset after its last byte.</param>
internal sealed record SafetensorsEntry(string Name, ElementType Type, IReadOnlyList<int> Shape, int Count, long Begin, long End);
