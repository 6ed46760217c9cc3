namespace Lockstep.Model.Data.Synthetic;

/// <summary>A point of a written stroke.</summary>
/// <param name="X">Horizontal position.</param>
/// <param name="Y">Vertical position, downwards.</param>
/// <param name="Radius">Half the width of the line there, in pixels.</param>
/// <param name="Starts">Whether the pen was set down here, so that no line leads to the previous point.</param>
internal readonly record struct PenPoint(float X, float Y, float Radius, bool Starts);
