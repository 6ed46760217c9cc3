namespace Lockstep.Model.Specs;

/// <summary>
/// One setting of a kind of layer, as codecs write and read it. Codecs know only these few forms, no kinds of layers.
/// </summary>
/// <param name="Key">Its key in files.</param>
public abstract record LayerField(string Key);

/// <summary>A whole number; its value is an <see cref="int"/>.</summary>
/// <param name="Key">Its key in files.</param>
/// <param name="Range">Its legal values.</param>
/// <param name="FollowsFromBelow">Whether the layer below determines it, so that a model file does not give it.</param>
public sealed record IntegerField(string Key, NumberRange<int> Range, bool FollowsFromBelow = false) : LayerField(Key);

/// <summary>A number; its value is a <see cref="double"/>.</summary>
/// <param name="Key">Its key in files.</param>
/// <param name="Range">Its legal values.</param>
public sealed record NumberField(string Key, NumberRange<double> Range) : LayerField(Key);

/// <summary>One of some names; its value is an <see cref="int"/>, the index of the name.</summary>
/// <param name="Key">Its key in files.</param>
/// <param name="Names">The names. The index of each is part of the checkpoint format and never changes.</param>
public sealed record ChoiceField(string Key, IReadOnlyList<string> Names) : LayerField(Key);

/// <summary>A parameter; its value is a <see cref="ParameterSpec"/>.</summary>
/// <param name="Key">Its key in files.</param>
public sealed record ParameterField(string Key) : LayerField(Key);
