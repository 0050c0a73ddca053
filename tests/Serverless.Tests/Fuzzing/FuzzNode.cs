namespace Serverless.Tests.Fuzzing;

/// <summary>
/// A value of any format: what a body is made of, so that it can be changed and written with right lengths again.
/// </summary>
/// <param name="kind">The format's number of the value's type.</param>
internal sealed class FuzzNode(int kind)
{
    /// <summary>The format's number of the value's type.</summary>
    public int Kind { get; set; } = kind;

    /// <summary>The name or number under which the value stands in the one around it, as its format writes it.</summary>
    public string Name { get; set; } = "";

    /// <summary>The type of the items, for lists that say it.</summary>
    public int ItemKind { get; set; }

    /// <summary>The bytes of a value without children.</summary>
    public byte[] Leaf { get; set; } = [];

    /// <summary>The values inside, or null.</summary>
    public List<FuzzNode>? Children { get; set; }

    public FuzzNode Clone() => new(Kind)
    {
        Name = Name, ItemKind = ItemKind, Leaf = Leaf, Children = Children?.ConvertAll(child => child.Clone()),
    };

    /// <summary>This value and all below it.</summary>
    public IEnumerable<FuzzNode> All() => Children is null ? [this] : Children.SelectMany(child => child.All()).Prepend(this);
}
