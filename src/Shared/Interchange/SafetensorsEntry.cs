namespace Lockstep.Shared.Interchange;

/// <summary>A tensor as the header of a safetensors file announces it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Kind of its numbers.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Count">Product of the dimensions.</param>
/// <param name="Begin">First byte of its values, from the end of the header.</param>
/// <param name="End">Byte behind the last one.</param>
internal sealed record SafetensorsEntry(string Name, ElementType Type, IReadOnlyList<int> Shape, int Count, long Begin, long End);
