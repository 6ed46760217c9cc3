namespace Lockstep.Model.Data.Drawings;

/// <summary>The ink of a picture, and what else was found of it.</summary>
/// <param name="Ink">[Height, Width], from 0 on the paper to 1.</param>
/// <param name="Width">Pixels of one row: those of the picture, or fewer for a large one.</param>
/// <param name="Height">Rows.</param>
/// <param name="Contrast">Difference of paper and ink, where 1 is black to white.</param>
/// <param name="Count">Number of drawings that stand apart from each other; the strokes of one digit are one drawing.</param>
/// <param name="TouchesBorder">Whether the ink goes on to the border of the picture.</param>
public sealed record Drawing(float[] Ink, int Width, int Height, float Contrast, int Count, bool TouchesBorder);
