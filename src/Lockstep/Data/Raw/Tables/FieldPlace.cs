namespace Lockstep.Data.Raw.Tables;

/// <summary>A field for messages.</summary>
/// <param name="Line">Its line.</param>
/// <param name="Text">The beginning of its text.</param>
internal sealed record FieldPlace(int Line, string Text);
